// SPDX-License-Identifier: Apache-2.0
// Offsets of buffers with lifetimes in one arena.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace astrolabe {

struct Lifetime {
  std::size_t bytes = 0;
  std::size_t first = 0, last = 0;  // steps, inclusive
};

struct MemoryPlan {
  std::vector<std::size_t> offsets;  // [buffers], multiples of 64
  std::size_t bytes = 0;             // of the arena
  std::size_t lower_bound = 0;       // the most that lives at one time
};

// Greedy by size, and greedy by time of birth; the smaller arena wins (Pisarchyk and Lee, 2020, section 5).
// Buffers that live at one time never overlap. Cost: quadratic in the number of buffers.
[[nodiscard]] MemoryPlan plan_memory(std::span<const Lifetime> buffers);

}  // namespace astrolabe
