// SPDX-License-Identifier: Apache-2.0
// Gradient-based one-side sampling: rows that are still wrong are kept, of the others a few stand for all
// (Ke and others, "LightGBM", NeurIPS 2017, algorithm 2).
//
//   const std::vector<std::uint32_t> rows = sample_by_gradient(all, {.top = 0.2, .rest = 0.1}, key, 1,
//   pairs);
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/learners/trees/fixed_point.h"

namespace astrolabe::trees {

struct GossShares {
  double top = 0.2;   // of the rows: those with the largest gradients, all kept
  double rest = 0.1;  // of the rows: drawn from the others
};

// The rows to grow on, ascending, of `rows` (ascending). A row's size is the sum of |gradient| over its
// outputs; `pairs` is [outputs, rows of the matrix]. The pairs of the others that were drawn are multiplied
// so that they stand for all of them. Equal sizes: the first rows count as larger. Cost: O(rows).
[[nodiscard]] std::vector<std::uint32_t> sample_by_gradient(std::span<const std::uint32_t> rows,
                                                            const GossShares& shares, Key key,
                                                            std::size_t outputs,
                                                            std::span<GradientPair> pairs);

}  // namespace astrolabe::trees
