// SPDX-License-Identifier: Apache-2.0
// The constant by which scores are off on some rows: of a model that was fitted on others, say. No split
// finds it, for all rows pull the same way.
//
//   const std::vector<double> level = find_level(rows, outputs, scores, [&](auto pairs) { ... });
//   // scores + level are right on average
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "astrolabe/learners/trees/fixed_point.h"

namespace astrolabe::trees {

// Writes the pairs of all rows, [outputs, rows], of `scores`, [outputs, rows].
using FindPairs = std::function<void(std::span<const double> scores, std::span<GradientPair> pairs)>;

// [outputs] By Newton's method, bracketed. 0 for an output whose mean gradient is within five of its standard
// errors: the scores are right as far as these rows can tell. Cost: up to kLevelSteps times the gradients of
// all rows.
inline constexpr int kLevelSteps = 30;
[[nodiscard]] std::vector<double> find_level(std::span<const std::uint32_t> rows, std::size_t outputs,
                                             std::span<const double> scores, const FindPairs& find_pairs);

}  // namespace astrolabe::trees
