// SPDX-License-Identifier: Apache-2.0
// Offsets of buffers with lifetimes in one arena, as small as the effort allows, beside the least that any
// plan needs.
//
//   const MemoryPlan plan = plan_memory(buffers, {.alignment = 64, .most_steps = 20'000});
//   // plan.bytes == plan.lower_bound: no plan is smaller
//
// Greed first (first_fit.h); where it misses the lower bound, or the capacity that was given, a search
// (exact_fit.h). Dynamic storage allocation is NP-hard: the effort is counted in steps, never by a clock, so
// equal input gives equal plans.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "astrolabe/lower/lifetime.h"
#include "astrolabe/tensor/buffer.h"

namespace astrolabe {

inline constexpr std::size_t kMostSearchedBuffers = 2'000;  // beyond, greed alone

struct PlanningEffort {
  std::size_t alignment = kBufferAlignment;  // of offsets; sizes count as rounded up to it
  // A plan within it is enough; without, the smallest is looked for. Below the most that lives: no search.
  std::optional<std::size_t> capacity = {};
  std::size_t most_steps = 0;  // of the search; none: greed alone
  double least_gain = 0;       // share of the lower bound below which no search is worth it
};

struct MemoryPlan {
  std::vector<std::size_t> offsets;  // [buffers], multiples of the alignment
  std::size_t bytes = 0;             // of the arena
  // No plan does with less: the most that lives at one time, or what the search has proved.
  std::size_t lower_bound = 0;
  std::size_t most_live = 0;
  std::size_t greedy_bytes = 0;  // what greed alone needs
  std::size_t steps = 0;         // of the search
};

// Lifetimes with lower < upper, together less than 2^62 bytes; one of no bytes lies at 0. Buffers that live
// at one time never overlap. Thread-safe. Cost: the number of pairs, and the steps (one to five
// microseconds each).
[[nodiscard]] MemoryPlan plan_memory(std::span<const Lifetime> buffers, const PlanningEffort& effort = {});

}  // namespace astrolabe
