// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/lower/memory_plan.h"

#include <algorithm>
#include <numeric>

#include "plan_oracles.h"
#include <gtest/gtest.h>

#include "astrolabe/base/random.h"

namespace astrolabe {
namespace {

using plan_oracles::expect_sound;
using plan_oracles::least_of_all_orders;
using plan_oracles::near_a_gap;
using plan_oracles::random_buffers;

constexpr PlanningEffort kBytes{.alignment = 1};

TEST(MemoryPlan, of_buffers_one_after_the_other_needs_the_largest) {
  const std::vector<Lifetime> buffers = {{640, 0, 2}, {1280, 2, 4}, {64, 4, 5}};
  const MemoryPlan plan = plan_memory(buffers);
  EXPECT_EQ(plan.bytes, 1280U);
  EXPECT_EQ(plan.lower_bound, 1280U);
}

TEST(MemoryPlan, of_nothing_is_nothing) {
  EXPECT_EQ(plan_memory({}).bytes, 0U);
  const std::vector<Lifetime> empty = {{0, 0, 5}, {0, 1, 2}};
  EXPECT_EQ(plan_memory(empty).bytes, 0U);
  EXPECT_EQ(plan_memory(empty).offsets, (std::vector<std::size_t>{0, 0}));
}

TEST(MemoryPlan, ends_of_lifetimes_are_half_open) {
  const std::vector<Lifetime> apart = {{4, 0, 3}, {4, 3, 9}}, together = {{4, 0, 4}, {4, 3, 9}};
  EXPECT_EQ(plan_memory(apart, kBytes).bytes, 4U);
  EXPECT_EQ(plan_memory(together, kBytes).bytes, 8U);
}

TEST(MemoryPlan, of_five_buffers_in_twelve_bytes) {
  // The example of MiniMalloc's page, with its capacity.
  const std::vector<Lifetime> buffers = {{4, 0, 3}, {4, 3, 9}, {4, 0, 9}, {4, 9, 21}, {4, 0, 21}};
  const MemoryPlan plan = plan_memory(buffers, {.alignment = 1, .capacity = 12, .most_steps = 1000});
  EXPECT_EQ(plan.bytes, 12U);
  EXPECT_EQ(plan.lower_bound, 12U);
  expect_sound(buffers, plan, 1);
}

TEST(MemoryPlan, of_greed_never_overlaps_and_stays_near_the_optimum) {
  double worst = 1;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const std::vector<Lifetime> buffers =
        random_buffers(seed, 7, {.bytes = 64, .sizes = 20, .times = 10, .width = 5});
    const MemoryPlan plan = plan_memory(buffers);
    expect_sound(buffers, plan, 64);
    EXPECT_EQ(plan.steps, 0U);
    const std::size_t best = least_of_all_orders(buffers);
    EXPECT_LE(plan.lower_bound, best);
    worst = std::max(worst, static_cast<double>(plan.bytes) / static_cast<double>(best));
  }
  EXPECT_LE(worst, 1.25) << "greedy by size or by birth on seven buffers";
}

TEST(MemoryPlan, with_steps_enough_is_the_optimum_and_knows_it) {
  std::size_t greedy_misses = 0, bounds_raised = 0;
  for (std::uint64_t seed = 0; seed < 90; ++seed) {
    const std::vector<Lifetime> buffers =
        seed % 3 == 0 ? random_buffers(seed, 4 + seed % 5, {.bytes = 1, .sizes = 9, .times = 9, .width = 6})
                      : near_a_gap(seed);
    const MemoryPlan plan = plan_memory(buffers, {.alignment = 1, .most_steps = 1'000'000});
    expect_sound(buffers, plan, 1);
    const std::size_t best = least_of_all_orders(buffers);
    EXPECT_EQ(plan.bytes, best) << "seed " << seed;
    EXPECT_EQ(plan.lower_bound, best) << "seed " << seed;
    greedy_misses += plan.greedy_bytes > best ? 1U : 0U;
    bounds_raised += plan.lower_bound > plan.most_live ? 1U : 0U;
  }
  EXPECT_GE(greedy_misses, 5U) << "a test without hard cases shows nothing";
  EXPECT_GE(bounds_raised, 10U);
}

TEST(MemoryPlan, offsets_keep_any_alignment) {
  for (const std::size_t alignment : {1U, 3U, 64U, 4096U}) {
    const std::vector<Lifetime> buffers =
        random_buffers(3, 40, {.bytes = 1, .sizes = 5000, .times = 60, .width = 20});
    const MemoryPlan plan = plan_memory(buffers, {.alignment = alignment, .most_steps = 5000});
    expect_sound(buffers, plan, alignment);
    EXPECT_LE(plan.lower_bound, plan.bytes);
  }
}

TEST(MemoryPlan, is_the_same_every_time) {
  const std::vector<Lifetime> buffers =
      random_buffers(5, 120, {.bytes = 1, .sizes = 500, .times = 60, .width = 30});
  const PlanningEffort effort{.alignment = 1, .most_steps = 30'000};
  const MemoryPlan first = plan_memory(buffers, effort), second = plan_memory(buffers, effort);
  EXPECT_EQ(first.offsets, second.offsets);
  EXPECT_EQ(first.steps, second.steps);
}

TEST(MemoryPlan, keeps_to_its_steps) {
  const std::vector<Lifetime> buffers =
      random_buffers(7, 200, {.bytes = 1, .sizes = 500, .times = 60, .width = 40});
  const MemoryPlan greedy = plan_memory(buffers, kBytes);
  ASSERT_GT(greedy.bytes, greedy.lower_bound);
  const MemoryPlan plan = plan_memory(buffers, {.alignment = 1, .most_steps = 700});
  EXPECT_GT(plan.steps, 0U);
  EXPECT_LE(plan.steps, 700U);
  EXPECT_LE(plan.bytes, greedy.bytes);
  const MemoryPlan content = plan_memory(buffers, {.alignment = 1, .most_steps = 700, .least_gain = 10});
  EXPECT_EQ(content.steps, 0U) << "not worth it";
}

TEST(MemoryPlan, of_ten_thousand_buffers_is_sound) {
  const std::vector<Lifetime> buffers =
      random_buffers(1, 10'000, {.bytes = 1, .sizes = 5000, .times = 4000, .width = 60});
  const MemoryPlan plan = plan_memory(buffers, {.alignment = 1, .most_steps = 1'000'000});
  expect_sound(buffers, plan, 1);
  EXPECT_EQ(plan.steps, 0U) << "greed alone: more buffers than are searched";
}

TEST(MemoryPlan, at_the_ends_of_time) {
  const std::vector<Lifetime> buffers = {{std::size_t{1} << 60, INT64_MIN, INT64_MAX}, {64, -5, INT64_MAX}};
  const MemoryPlan plan = plan_memory(buffers, {.most_steps = 100});
  EXPECT_EQ(plan.bytes, (std::size_t{1} << 60) + 64);
  EXPECT_EQ(plan.lower_bound, plan.bytes);
}

}  // namespace
}  // namespace astrolabe
