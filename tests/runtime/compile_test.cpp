// SPDX-License-Identifier: Apache-2.0
// Every tier, instruction set and number of threads gives the bytes of the interpreter.
#include "astrolabe/runtime/compile.h"

#include <algorithm>
#include <array>

#include "tests/runtime/filled_execution.h"
#include "tests/runtime/sample_programs.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/graph/gradient.h"

namespace astrolabe {
namespace {

void expect_all_tiers_agree(const Program& program, const std::string& name) {
  const std::string expected = Filled(program, {.tier = Tier::reference}).run(3, nullptr);
  ThreadPool two(2), seven(7);
  for (const auto set : {InstructionSet::plain, InstructionSet::avx2, InstructionSet::avx512}) {
    if (!is_supported(set)) continue;
    for (const Tier tier : {Tier::tiles, Tier::compiled}) {
      for (ThreadPool* pool : {static_cast<ThreadPool*>(nullptr), &two, &seven}) {
        EXPECT_EQ(Filled(program, {.set = set, .tier = tier}).run(3, pool), expected)
            << name << " " << instruction_set_name(set) << (tier == Tier::tiles ? " tiles" : " compiled")
            << " threads: " << (pool == nullptr ? 1 : pool->size());
      }
    }
  }
}

TEST(Compile, gives_the_bytes_of_the_interpreter_in_every_tier) {
  for (const SampleProgram& sample : sample_programs()) expect_all_tiers_agree(sample.program, sample.name);
}

TEST(Compile, leaves_no_convolution_to_the_interpreter) {
  for (const SampleProgram& sample : sample_convolutions()) {
    (void)compile(sample.program, {.tier = Tier::tiles, .on_pass = [&](const PassReport& pass) {
                                     if (pass.name != "lower") return;
                                     EXPECT_NE(pass.text().find("convolve_filters "), std::string::npos)
                                         << sample.name << ": " << pass.text();
                                   }});
  }
}

// As docs/engine.md shows it.
TEST(Compile, of_the_convolution_in_the_page_gives_the_slope_of_the_interpreter) {
  Program program;
  Graph& graph = program.graph;
  const NodeId x = graph.input("x", ElementType::f32, Shape{8, 12, 12, 1});
  const NodeId w = graph.state("w", ElementType::f32, Shape{3, 3, 1, 16});
  const ConvolveShape same{.stride = {1, 1}, .before = {1, 1}, .after = {1, 1}};
  const NodeId z = graph.convolve(x, w, same);
  const NodeId blocks = graph.reshape(z, Shape{8, 6, 2, 6, 2, 16});
  const NodeId h = graph.reduce(ReduceKind::maximum, blocks, std::array<std::size_t, 2>{2, 4});
  const NodeId loss = graph.sum_all(graph.math("tanh", h));
  program.outputs = {loss, gradient(graph, loss, std::array{w})[0]};
  expect_all_tiers_agree(program, "the page's convolution");

  const Array pictures = sample_numbers({"x", ElementType::f32, graph.shape(x)});
  const Array filters = sample_numbers({"w", ElementType::f32, graph.shape(w)});
  Execution run(compile(program));
  run.bind_input("x", pictures.bytes().data());
  std::ranges::copy(filters.as<float>(), run.state<float>("w").begin());
  run.run();
  const std::span<const float> slope = run.output<float>(1);
  EXPECT_EQ(slope.size(), 3U * 3 * 16);
  EXPECT_NE(slope[0], 0);
}

TEST(Compile, of_a_large_step_gives_the_same_bytes_on_two_threads) {
  expect_all_tiers_agree(small_training_step(500, 200), "a large training step");
}

// More than fits a cache, so that steps go a few pictures at a time.
TEST(Compile, of_steps_in_runs_gives_the_bytes_of_the_interpreter) {
  Program program;
  Graph& g = program.graph;
  const ConvolveShape same{.stride = {1, 1}, .before = {1, 1}, .after = {1, 1}};
  const NodeId x = g.input("x", ElementType::f32, Shape{64, 24, 16, 1});
  const NodeId a = g.state("a", ElementType::f32, Shape{3, 3, 1, 12}),
               b = g.state("b", ElementType::f32, Shape{3, 3, 12, 4});
  NodeId h = x;
  for (const NodeId filters : {a, b}) {
    const NodeId z = g.maximum(g.add(g.convolve(h, filters, same), g.scalar("bias")), g.constant(0));
    const Shape s = g.shape(z);
    const NodeId windows = g.reshape(z, Shape{s[0], s[1] / 2, 2, s[2] / 2, 2, s[3]});
    h = g.reduce(ReduceKind::maximum, windows, std::array<std::size_t, 2>{2, 4});
  }
  const NodeId loss = g.sum_all(g.multiply(h, h));
  const std::vector<NodeId> slopes = gradient(g, loss, std::array{a, b});
  program.outputs = {loss, h, slopes[0], slopes[1]};
  const std::string expected = Filled(program, {.tier = Tier::reference}).run(1, nullptr);
  ThreadPool two(2), seven(7);
  for (const auto set : {InstructionSet::plain, InstructionSet::avx2, InstructionSet::avx512}) {
    if (!is_supported(set)) continue;
    for (ThreadPool* pool : {static_cast<ThreadPool*>(nullptr), &two, &seven})
      EXPECT_EQ(Filled(program, {.set = set, .tier = Tier::tiles}).run(1, pool), expected)
          << instruction_set_name(set) << ", threads: " << (pool == nullptr ? 1 : pool->size());
    EXPECT_EQ(Filled(program, {.set = set, .tier = Tier::compiled}).run(1, nullptr), expected)
        << instruction_set_name(set);
  }
}

TEST(Compile, of_a_large_convolution_step_gives_the_same_bytes_on_two_and_seven_threads) {
  expect_all_tiers_agree(small_convolution_step(24, 11), "a large convolution step");
}

TEST(Compile, of_random_programs_gives_the_bytes_of_the_interpreter) {
  for (std::uint64_t seed = 0; seed < 60; ++seed)
    expect_all_tiers_agree(random_program(Key::from_seed(seed)), "random program " + std::to_string(seed));
}

TEST(Compile, of_equal_programs_shares_one_executable) {
  EXPECT_EQ(compile(small_training_step()), compile(small_training_step()));
  EXPECT_NE(compile(small_training_step()), compile(small_training_step(13)));
}

TEST(Compile, reports_every_pass_in_order) {
  std::vector<std::string> names;
  (void)compile(small_training_step(), {.tier = Tier::tiles, .on_pass = [&](const PassReport& pass) {
                                          names.emplace_back(pass.name);
                                          EXPECT_FALSE(pass.text().empty());
                                        }});
  EXPECT_EQ(names,
            (std::vector<std::string>{"simplify", "fold_constants", "fuse_multiply_add", "expand_functions",
                                      "unroll_windows", "split_reductions", "lower"}));
}

TEST(Compile, with_passes_off_means_the_same) {
  Program program;
  Graph& g = program.graph;
  const NodeId x = g.input("x", ElementType::f32, Shape{40});
  program.outputs = {g.add(g.multiply(x, g.constant(1)), g.multiply(g.constant(2), g.constant(3)))};
  const std::string with = Filled(program, {.tier = Tier::tiles}).run(1, nullptr);
  EXPECT_EQ(Filled(program, {.tier = Tier::tiles, .passes_off = pass_names()}).run(1, nullptr), with);
}

TEST(Compile, refuses_to_turn_off_what_is_no_pass) {
  try {
    (void)compile(small_training_step(), {.passes_off = {"simplifi"}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_NE(std::string(error.what()).find("Did you mean simplify?"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace astrolabe
