// SPDX-License-Identifier: Apache-2.0
// Ranks from 1 for the least value, equal values sharing the mean of theirs.
//
//   AverageRanks r = average_ranks(std::vector{0.3, 0.1, 0.3});   // r.ranks: 2.5, 1, 2.5
//
// Pure; thread-safe; O(n log n).
#pragma once

#include <span>
#include <vector>

namespace astrolabe {

struct AverageRanks {
  std::vector<double> ranks;  // in the order of the values
  double tie_correction = 0;  // sum over ties of t^3 - t; 0 where all differ
};

// `values` hold no NaN.
[[nodiscard]] AverageRanks average_ranks(std::span<const double> values);

}  // namespace astrolabe
