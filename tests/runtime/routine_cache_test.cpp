// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/runtime/routine_cache.h"

#include <thread>

#include "tests/runtime/sample_programs.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/runtime/compile.h"
#include "astrolabe/runtime/executable_cache.h"

namespace astrolabe {
namespace {

// y = x + x + ... : one structure for every number of terms.
NestCode sum_of(std::size_t terms) {
  NestCode code;
  NestAccess walk;
  walk.strides[0] = Stride::one;
  code.accesses = {walk, walk};
  code.body.push_back({.kind = NestOp::load, .value = 0});
  for (std::size_t i = 1; i < terms; ++i)
    code.body.push_back({.op = Op::add, .operands = {static_cast<std::uint16_t>(i - 1), 0, 0}});
  code.stores = {{.value = static_cast<std::uint16_t>(code.body.size() - 1), .access = 1}};
  return code;
}

float run(const Routine& routine, float x) {
  float y = 0;
  std::byte* pointers[] = {reinterpret_cast<std::byte*>(&x), reinterpret_cast<std::byte*>(&y)};
  const std::int64_t strides[] = {1, 1}, extents[] = {1};
  routine.function(pointers, strides, extents, 0, 1);
  return y;
}

TEST(RoutineCache, compiles_a_structure_once) {
  RoutineCache cache(1 << 20);
  const NestCode two = sum_of(2), again = sum_of(2), three = sum_of(3);
  const auto routines = cache.get({{&two, &again, &three}}, InstructionSet::plain);
  EXPECT_EQ(routines[0].function, routines[1].function);
  EXPECT_NE(routines[0].function, routines[2].function);
  EXPECT_EQ(cache.counts().misses, 2U);
  EXPECT_EQ(cache.get({{&three}}, InstructionSet::plain)[0].function, routines[2].function);
  EXPECT_EQ(run(routines[0], 1.5F), 3.0F);
  EXPECT_EQ(run(routines[2], 1.5F), 4.5F);
}

TEST(RoutineCache, tells_instruction_sets_apart) {
  RoutineCache cache(1 << 20);
  const NestCode code = sum_of(2);
  const auto plain = cache.get({{&code}}, InstructionSet::plain);
  EXPECT_EQ(cache.find({{&code}}, InstructionSet::avx2)[0].function, nullptr);
  EXPECT_EQ(cache.find({{&code}}, InstructionSet::plain)[0].function, plain[0].function);
}

TEST(RoutineCache, stays_within_its_bytes_and_drops_what_was_used_least_recently) {
  RoutineCache cache(20000);
  std::vector<NestCode> codes;
  for (std::size_t terms = 2; terms < 40; ++terms) codes.push_back(sum_of(terms));
  for (const NestCode& code : codes) {
    (void)cache.get({{&code}}, InstructionSet::plain);
    (void)cache.get({{&codes[0]}}, InstructionSet::plain);  // in use all the time
    EXPECT_LE(cache.counts().bytes, 20000U);
  }
  EXPECT_GT(cache.counts().evictions, 0U);
  EXPECT_NE(cache.find({{&codes[0]}}, InstructionSet::plain)[0].function, nullptr);
  EXPECT_EQ(cache.find({{&codes[1]}}, InstructionSet::plain)[0].function, nullptr);
}

TEST(RoutineCache, code_in_use_outlives_its_eviction) {
  RoutineCache cache(1 << 20);
  const NestCode code = sum_of(2);
  const Routine routine = cache.get({{&code}}, InstructionSet::plain)[0];
  cache.clear();
  EXPECT_EQ(cache.counts().entries, 0U);
  EXPECT_EQ(run(routine, 2.0F), 4.0F);
}

// Runs work(0), work(1) and work(2) at once; worth most under the thread sanitizer.
template <class Work>
void in_three_threads(const Work& work) {
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 3; ++i) threads.emplace_back([&work, i] { work(i); });
  for (std::thread& each : threads) each.join();
}

TEST(RoutineCache, serves_threads_that_evict_one_anothers_code) {
  RoutineCache cache(20000);
  in_three_threads([&](std::size_t thread) {
    for (std::size_t i = 0; i < 30; ++i) {
      const std::size_t terms = 2 + (i + 10 * thread) % 15;
      const NestCode code = sum_of(terms);
      const Routine routine = cache.get({{&code}}, InstructionSet::plain)[0];
      EXPECT_EQ(run(routine, 0.5F), 0.5F * static_cast<float>(terms));
    }
  });
  EXPECT_GT(cache.counts().evictions, 0U);
  EXPECT_LE(cache.counts().bytes, 20000U);
}

TEST(RoutineCache, heat_of_a_structure_adds_up) {
  RoutineCache cache(1 << 20);
  EXPECT_EQ(cache.add_heat(sum_of(2), InstructionSet::plain, 10), 10);
  EXPECT_EQ(cache.add_heat(sum_of(2), InstructionSet::plain, 5), 15);
  EXPECT_EQ(cache.add_heat(sum_of(3), InstructionSet::plain, 1), 1);
}

std::vector<float> losses(Tier tier, int steps, std::uint64_t expected_runs) {
  Execution run(compile(small_training_step(), {.tier = tier, .expected_runs = expected_runs}));
  std::vector<float> x(12 * 7), y(3 * 12);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 5) - 2;
  for (std::size_t i = 0; i < 12; ++i) y[i % 3 * 12 + i] = 1;
  run.bind_input("x", x.data());
  run.bind_input("y", y.data());
  for (const auto& [name, value] : {std::pair("b1", 0.9), {"b2", 0.99}, {"lr", 0.01}, {"eps", 1e-8}})
    run.set_scalar(name, value);
  std::span<float> w = run.state<float>("w");
  for (std::size_t i = 0; i < w.size(); ++i) w[i] = 0.01F * static_cast<float>(i % 7);
  std::vector<float> result;
  for (int i = 0; i < steps; ++i) {
    run.run();
    result.push_back(run.output<float>(0)[0]);
  }
  return result;
}

TEST(Tier, automatic_changes_to_machine_code_and_nothing_else) {
  routine_cache().clear();
  executable_cache().clear();
  const std::size_t before = routine_cache().counts().misses;
  const std::vector<float> automatic = losses(Tier::automatic, 30000, 0);
  EXPECT_GT(routine_cache().counts().misses, before) << "nothing was ever compiled";
  EXPECT_EQ(automatic, losses(Tier::tiles, 30000, 0));
  EXPECT_LT(automatic.back(), automatic.front());
}

TEST(Tier, automatic_changes_under_threads_that_share_an_executable) {
  routine_cache().clear();
  executable_cache().clear();
  const std::size_t before = routine_cache().counts().misses;
  const std::vector<float> expected = losses(Tier::tiles, 10000, 0);
  // Compiled beforehand: threads that find nothing at once would each compile their own.
  const auto shared = compile(small_training_step(), {.tier = Tier::automatic, .expected_runs = 0});
  in_three_threads([&](std::size_t) { EXPECT_EQ(losses(Tier::automatic, 10000, 0), expected); });
  EXPECT_GT(routine_cache().counts().misses, before) << "nothing was ever compiled";
}

TEST(Tier, automatic_compiles_at_once_what_is_known_to_pay) {
  routine_cache().clear();
  executable_cache().clear();
  const std::size_t before = routine_cache().counts().misses;
  (void)losses(Tier::automatic, 1, 100'000'000);
  EXPECT_GT(routine_cache().counts().misses, before);
}

}  // namespace
}  // namespace astrolabe
