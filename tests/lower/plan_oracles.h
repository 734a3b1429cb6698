// SPDX-License-Identifier: Apache-2.0
// What a plan of memory must be, said in the plainest way: pair by pair, order by order.
#pragma once

#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "astrolabe/base/random.h"
#include "astrolabe/lower/memory_plan.h"

namespace astrolabe::plan_oracles {

struct Sizes {
  std::size_t bytes = 1, sizes = 10;    // multiples of `bytes`, up to `sizes` of them
  std::uint64_t times = 10, width = 5;  // births below `times`, lives of up to `width`
};

inline std::vector<Lifetime> random_buffers(std::uint64_t seed, std::size_t count, const Sizes& of) {
  RandomStream random(Key::from_seed(seed));
  std::vector<Lifetime> buffers(count);
  for (Lifetime& buffer : buffers) {
    buffer.bytes = of.bytes * (1 + random.below(of.sizes));
    buffer.lower = static_cast<std::int64_t>(random.below(of.times));
    buffer.upper = buffer.lower + 1 + static_cast<std::int64_t>(random.below(of.width));
  }
  return buffers;
}

// Eight buffers that no plan packs into what lives at one time; found by a walk towards long proofs.
inline std::vector<std::vector<Lifetime>> buffers_with_a_gap() {
  return {{{4, 5, 11}, {1, 4, 7}, {4, 0, 1}, {4, 0, 4}, {3, 6, 7}, {4, 8, 17}, {3, 2, 6}, {1, 1, 5}},
          {{1, 1, 6}, {2, 4, 5}, {1, 0, 4}, {3, 1, 2}, {1, 2, 8}, {1, 3, 9}, {4, 8, 14}, {4, 0, 1}},
          {{4, 0, 1}, {1, 2, 12}, {4, 9, 17}, {2, 0, 2}, {4, 6, 8}, {3, 1, 5}, {1, 1, 11}, {2, 12, 15}}};
}

// One of those, changed in up to two places: where a wrong rule of the search would show.
inline std::vector<Lifetime> near_a_gap(std::uint64_t seed) {
  RandomStream random(Key::from_seed(seed));
  std::vector<Lifetime> buffers = buffers_with_a_gap()[seed % 3];
  for (std::uint64_t change = seed / 3 % 3; change > 0; --change) {
    Lifetime& buffer = buffers[random.below(buffers.size())];
    buffer.bytes = 1 + random.below(4);
    buffer.upper = buffer.lower + 1 + static_cast<std::int64_t>(random.below(10));
  }
  return buffers;
}

inline bool lie_apart(const Lifetime& a, std::size_t at_a, const Lifetime& b, std::size_t at_b) {
  return at_a + a.bytes <= at_b || at_b + b.bytes <= at_a;
}

inline void expect_sound(std::span<const Lifetime> buffers, std::span<const std::size_t> offsets,
                         std::size_t bytes, std::size_t alignment) {
  ASSERT_EQ(offsets.size(), buffers.size());
  std::size_t overlaps = 0;
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    EXPECT_EQ(offsets[i] % alignment, 0U);
    EXPECT_LE(offsets[i] + buffers[i].bytes, bytes);
    for (std::size_t j = 0; j < i; ++j)
      overlaps += buffers[i].meets(buffers[j]) && !lie_apart(buffers[i], offsets[i], buffers[j], offsets[j])
                      ? 1U
                      : 0U;
  }
  EXPECT_EQ(overlaps, 0U);
}

inline void expect_sound(std::span<const Lifetime> buffers, const MemoryPlan& plan, std::size_t alignment) {
  expect_sound(buffers, plan.offsets, plan.bytes, alignment);
  EXPECT_LE(plan.lower_bound, plan.bytes);
  EXPECT_LE(plan.most_live, plan.lower_bound);
  EXPECT_LE(plan.bytes, plan.greedy_bytes);
}

// The least that first-fit reaches over every order: the optimum, for as few buffers as people wait for.
inline std::size_t least_of_all_orders(std::span<const Lifetime> buffers) {
  std::vector<std::size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::size_t least = SIZE_MAX;
  std::vector<std::size_t> offsets(buffers.size(), 0), placed;
  do {
    std::size_t bytes = 0;
    placed.clear();
    for (const std::size_t i : order) {
      offsets[i] = 0;
      for (bool moved = true; moved;) {
        moved = false;
        for (const std::size_t j : placed) {
          if (!buffers[i].meets(buffers[j]) || lie_apart(buffers[i], offsets[i], buffers[j], offsets[j]))
            continue;
          offsets[i] = offsets[j] + buffers[j].bytes;
          moved = true;
        }
      }
      placed.push_back(i);
      bytes = std::max(bytes, offsets[i] + buffers[i].bytes);
      if (bytes >= least) break;
    }
    least = std::min(least, bytes);
  } while (std::ranges::next_permutation(order).found);
  return least;
}

}  // namespace astrolabe::plan_oracles
