// SPDX-License-Identifier: Apache-2.0
// Under a memory limit programs keep to it and give the same bytes.
#include <array>
#include <optional>

#include "tests/runtime/filled_execution.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/graph/gradient.h"

namespace astrolabe {
namespace {

constexpr ElementType kF32 = ElementType::f32;

// A limit of some share of the plain arena; nothing when the program cannot do with that.
std::optional<CompileOptions> limited(const Program& program, double share, CompileOptions options = {}) {
  const std::size_t plain = compile(program, options)->arena_bytes();
  options.memory_limit = static_cast<std::size_t>(share * static_cast<double>(plain));
  if (options.memory_limit == 0) return std::nullopt;
  try {
    (void)compile(program, options);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    return std::nullopt;
  }
  return options;
}

// x + tanh(x W + b), so many times, trained by plain gradient descent; every block's weights are a state of
// its own.
Program deep_step(std::size_t blocks, std::size_t rows, std::size_t width) {
  Program p;
  Graph& g = p.graph;
  NodeId x = g.input("x", kF32, Shape{rows, width});
  std::vector<NodeId> weights;
  for (std::size_t i = 0; i < blocks; ++i) {
    weights.push_back(g.state("w" + std::to_string(i), kF32, Shape{width, width}));
    weights.push_back(g.state("b" + std::to_string(i), kF32, Shape{width}));
    const NodeId z = g.add(g.dot(x, weights[2 * i]), g.broadcast_rows(weights[2 * i + 1], rows));
    x = g.add(x, g.math("tanh", z));
  }
  const NodeId loss = g.sum_all(g.multiply(x, x));
  const std::vector<NodeId> slopes = gradient(g, loss, weights);
  for (std::size_t i = 0; i < weights.size(); ++i)
    p.updates.push_back({weights[i], g.subtract(weights[i], g.multiply(g.constant(1e-3), slopes[i]))});
  p.outputs = {loss};
  return p;
}

TEST(Recompute, of_random_programs_gives_the_same_bytes_within_its_limit) {
  int recomputed = 0;
  for (std::uint64_t seed = 0; seed < 160; ++seed) {
    const Program program = random_program(Key::from_seed(seed));
    const std::string expected = Filled(program, {.tier = Tier::tiles}).run(3, nullptr);
    for (const double share : {0.95, 0.8, 0.6, 0.4}) {
      const auto options = limited(program, share, {.tier = Tier::tiles});
      if (!options) continue;
      Filled run(program, *options);
      EXPECT_LE(run.executable().arena_bytes(), options->memory_limit) << seed << " " << share;
      recomputed += run.executable().recomputation().steps_again > 0 ? 1 : 0;
      EXPECT_EQ(run.run(3, nullptr), expected) << seed << " " << share;
    }
  }
  EXPECT_GT(recomputed, 20);
}

TEST(Recompute, of_sample_programs_gives_the_same_bytes_within_its_limit) {
  for (const SampleProgram& sample : sample_programs()) {
    const std::string expected = Filled(sample.program, {.tier = Tier::tiles}).run(3, nullptr);
    for (const double share : {0.9, 0.7, 0.5}) {
      const auto options = limited(sample.program, share, {.tier = Tier::tiles});
      if (!options) continue;
      Filled run(sample.program, *options);
      EXPECT_LE(run.executable().arena_bytes(), options->memory_limit) << sample.name;
      EXPECT_EQ(run.run(3, nullptr), expected) << sample.name << " " << share;
    }
  }
}

TEST(Recompute, of_a_deep_net_trades_work_for_memory) {
  const Program program = deep_step(24, 32, 16);
  const std::string expected = Filled(program, {.tier = Tier::tiles}).run(2, nullptr);
  double before = 0;
  for (const double share : {0.7, 0.5, 0.35, 0.25}) {
    const auto options = limited(program, share, {.tier = Tier::tiles});
    ASSERT_TRUE(options) << share;
    Filled run(program, *options);
    const Recomputation& again = run.executable().recomputation();
    EXPECT_LE(run.executable().arena_bytes(), options->memory_limit) << share;
    EXPECT_GT(again.extra_work, before) << share;
    EXPECT_LT(again.extra_work, share > 0.3 ? 0.45 : 0.65) << share;
    before = again.extra_work;
    EXPECT_EQ(run.run(2, nullptr), expected) << share;
  }
}

TEST(Recompute, gives_the_same_bytes_in_every_tier) {
  for (const Program& program : {deep_step(12, 24, 20), deep_step(7, 9, 33)}) {
    const std::string expected = Filled(program, {.tier = Tier::reference}).run(3, nullptr);
    ThreadPool two(2);
    int compared = 0;
    for (const auto set : {InstructionSet::plain, InstructionSet::avx2, InstructionSet::avx512}) {
      if (!is_supported(set)) continue;
      for (const Tier tier : {Tier::tiles, Tier::compiled}) {
        const auto options = limited(program, 0.8, {.set = set, .tier = tier});
        if (!options) continue;
        ++compared;
        EXPECT_EQ(Filled(program, *options).run(3, nullptr), expected);
        EXPECT_EQ(Filled(program, *options).run(3, &two), expected);
      }
    }
    EXPECT_GT(compared, 0);
  }
}

TEST(Recompute, runs_convolutions_again) {
  Program p;
  Graph& g = p.graph;
  constexpr ConvolveShape kSame{.before = {1, 1}, .after = {1, 1}};
  NodeId x = g.input("x", kF32, Shape{4, 9, 9, 8});
  std::vector<NodeId> filters;
  for (std::size_t i = 0; i < 6; ++i) {
    filters.push_back(g.state("w" + std::to_string(i), kF32, Shape{3, 3, 8, 8}));
    x = g.add(x, g.math("tanh", g.convolve(x, filters.back(), kSame)));
  }
  const NodeId loss = g.sum_all(g.multiply(x, x));
  const std::vector<NodeId> slopes = gradient(g, loss, filters);
  for (std::size_t i = 0; i < filters.size(); ++i)
    p.updates.push_back({filters[i], g.subtract(filters[i], g.multiply(g.constant(1e-4), slopes[i]))});
  p.outputs = {loss};
  const auto options = limited(p, 0.6, {.tier = Tier::tiles});
  ASSERT_TRUE(options);
  Filled run(p, *options);
  EXPECT_GT(run.executable().recomputation().layers, 0U);
  EXPECT_EQ(run.run(2, nullptr), Filled(p, {.tier = Tier::reference}).run(2, nullptr));
}

TEST(Recompute, refuses_a_limit_below_what_a_step_touches_and_says_what_it_takes) {
  const Program program = deep_step(4, 32, 16);
  try {
    (void)compile(program, {.tier = Tier::tiles, .memory_limit = 4096});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    // A nest on the way back: three arrays [32, 16] of floats, and the sum of one's columns.
    EXPECT_NE(std::string(error.what()).find("at least 6208 bytes"), std::string::npos) << error.what();
  }
}

TEST(Recompute, does_nothing_where_the_limit_is_kept_anyway) {
  const Program program = deep_step(4, 32, 16);
  const auto plain = compile(program, {.tier = Tier::tiles});
  const auto same = compile(program, {.tier = Tier::tiles, .memory_limit = plain->arena_bytes()});
  EXPECT_EQ(same->recomputation().steps_again, 0U);
  EXPECT_EQ(same->arena_bytes(), plain->arena_bytes());
  EXPECT_NE(same, plain) << "the limit is part of the key";
}

}  // namespace
}  // namespace astrolabe
