// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/lower/memory_plan.h"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

#include "astrolabe/base/random.h"

namespace astrolabe {
namespace {

void expect_sound(std::span<const Lifetime> buffers, const MemoryPlan& plan) {
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    EXPECT_EQ(plan.offsets[i] % 64, 0U);
    EXPECT_LE(plan.offsets[i] + buffers[i].bytes, plan.bytes);
    for (std::size_t j = 0; j < i; ++j) {
      const bool together = buffers[i].first <= buffers[j].last && buffers[j].first <= buffers[i].last;
      const bool apart = plan.offsets[i] + buffers[i].bytes <= plan.offsets[j] ||
                         plan.offsets[j] + buffers[j].bytes <= plan.offsets[i];
      EXPECT_TRUE(!together || apart) << i << " and " << j;
    }
  }
}

// The least that first-fit reaches over every order: the optimum, for as few buffers as these.
std::size_t best_of_all_orders(std::span<const Lifetime> buffers) {
  std::vector<std::size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::size_t best = SIZE_MAX;
  do {
    std::vector<std::size_t> offsets(buffers.size(), 0);
    std::size_t bytes = 0;
    std::vector<std::size_t> placed;
    for (const std::size_t i : order) {
      std::size_t offset = 0;
      for (bool moved = true; moved;) {
        moved = false;
        for (const std::size_t j : placed) {
          const bool together = buffers[i].first <= buffers[j].last && buffers[j].first <= buffers[i].last;
          if (together && offset < offsets[j] + buffers[j].bytes && offsets[j] < offset + buffers[i].bytes) {
            offset = offsets[j] + buffers[j].bytes;
            moved = true;
          }
        }
      }
      offsets[i] = offset;
      placed.push_back(i);
      bytes = std::max(bytes, offset + buffers[i].bytes);
    }
    best = std::min(best, bytes);
  } while (std::ranges::next_permutation(order).found);
  return best;
}

TEST(MemoryPlan, of_buffers_one_after_the_other_needs_the_largest) {
  const std::vector<Lifetime> buffers = {{640, 0, 1}, {1280, 2, 3}, {64, 4, 4}};
  const MemoryPlan plan = plan_memory(buffers);
  EXPECT_EQ(plan.bytes, 1280U);
  EXPECT_EQ(plan.lower_bound, 1280U);
}

TEST(MemoryPlan, of_nothing_is_nothing) {
  EXPECT_EQ(plan_memory({}).bytes, 0U);
}

TEST(MemoryPlan, never_overlaps_and_stays_near_the_optimum) {
  double worst = 1;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    RandomStream random(Key::from_seed(seed));
    std::vector<Lifetime> buffers(7);
    for (Lifetime& buffer : buffers) {
      buffer.bytes = 64 * (1 + random.below(20));
      buffer.first = random.below(10);
      buffer.last = buffer.first + random.below(5);
    }
    const MemoryPlan plan = plan_memory(buffers);
    expect_sound(buffers, plan);
    EXPECT_LE(plan.lower_bound, plan.bytes);
    const std::size_t best = best_of_all_orders(buffers);
    EXPECT_LE(plan.lower_bound, best);
    worst = std::max(worst, static_cast<double>(plan.bytes) / static_cast<double>(best));
  }
  EXPECT_LE(worst, 1.25) << "greedy by size or by birth on seven buffers";
}

TEST(MemoryPlan, is_sound_for_many_buffers) {
  RandomStream random(Key::from_seed(1));
  std::vector<Lifetime> buffers(300);
  for (Lifetime& buffer : buffers) {
    buffer.bytes = random.below(5000);
    buffer.first = random.below(400);
    buffer.last = buffer.first + random.below(60);
  }
  expect_sound(buffers, plan_memory(buffers));
}

}  // namespace
}  // namespace astrolabe
