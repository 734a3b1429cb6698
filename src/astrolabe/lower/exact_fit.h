// SPDX-License-Identifier: Apache-2.0
// Whether buffers with lifetimes fit into a given memory: a search that finds a plan or proves that there is
// none.
//
//   const FitSearch search = search_fit(buffers, 1 << 20, {.most_steps = 1'000'000});
//   if (search.offsets) use(*search.offsets);
//
// The idea is Moffitt's (MiniMalloc, ASPLOS 2023): any plan can be pushed down until each buffer stands on
// the ground or on another, so it is enough to try buffers one after the other by ascending offset, each as
// low as those below it let it. A try ends early where what is left of a section cannot fit above its floor.
// Where nobody crosses a point of time any more, the two sides are searched on their own.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "astrolabe/lower/lifetime.h"

namespace astrolabe {

struct FitEffort {
  // Placings tried, over all orders (see FitTree::run): no clock, so that equal input gives equal plans.
  std::size_t most_steps = 1'000'000;
};

struct FitSearch {
  std::optional<std::vector<std::size_t>> offsets;  // sums of sizes: multiples of what all of them are
  bool is_impossible = false;                       // proved: no plan fits
  std::size_t steps = 0;                            // that it took
};

// Lifetimes with lower < upper and bytes > 0. Neither offsets nor a proof: the effort ran out. Thread-safe;
// memory grows with the number of pairs that live together.
[[nodiscard]] FitSearch search_fit(std::span<const Lifetime> buffers, std::size_t capacity,
                                   const FitEffort& effort);

}  // namespace astrolabe
