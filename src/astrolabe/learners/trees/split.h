// SPDX-License-Identifier: Apache-2.0
// The best split of a node on one feature.
//
// With G, H the sums of gradients and hessians of a set of rows, T(G) = sign(G) max(|G| - l1, 0):
//   leaf value  w = -T(G) / (H + l2)
//   gain        1/2 [T(GL)^2/(HL+l2) + T(GR)^2/(HR+l2) - T(G)^2/(H+l2)]
// (Chen and Guestrin, "XGBoost", KDD 2016, equations 6 and 7). Both ways for missing values are tried; where
// a node has none, they go with the heavier child (by H). Few categories are split one against the rest; many
// are sorted by G / (H + smooth) and split between two neighbours (Fisher 1958; LightGBM). A category that is
// too rare in the node to be ranked goes the way of the missing, and so does one that training never saw.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "astrolabe/learners/trees/bin_set.h"
#include "astrolabe/learners/trees/fixed_point.h"
#include "astrolabe/learners/trees/row_routines.h"

namespace astrolabe::trees {

struct SplitRules {
  double l1 = 0;
  double l2 = 0;
  double min_hessian = 0;
  double min_gain = 0;
  std::uint64_t min_rows = 1;
  double cat_smooth = 0;
  double cat_l2 = 0;
  std::size_t one_vs_rest = 4;
};

struct Split {
  double gain = 0;  // 0: no split
  bool missing_left = false;
  std::uint16_t last_left_bin = 0;  // numeric: bins up to this one go left
  BinSet left_bins;                 // with the missing bin, where missing goes left; not of a wide feature
  Cell left;
  Cell right;

  explicit operator bool() const { return gain > 0; }
};

[[nodiscard]] inline double shrink(double gradient, double l1) {
  if (l1 == 0) return gradient;
  return std::copysign(std::fmax(std::abs(gradient) - l1, 0.0), gradient);
}

// T(G)^2 / (H + l2)
[[nodiscard]] inline double leaf_score(double gradient, double hessian, double l1, double l2) {
  const double shrunk = shrink(gradient, l1);
  return shrunk * shrunk / (hessian + l2);
}

[[nodiscard]] inline double leaf_value(double gradient, double hessian, double l1, double l2) {
  const double denominator = hessian + l2;
  return denominator > 0 ? -shrink(gradient, l1) / denominator : 0.0;
}

// By how much the scores of both children must exceed the node's own, relative to it: less is rounding.
inline constexpr double kLeastGain = 1e-10;
// What the scores of both children must exceed, of a node whose own is `parent`.
[[nodiscard]] inline double least_score(double parent, const SplitRules& rules) {
  return parent + std::fmax(2 * rules.min_gain, kLeastGain * parent);
}
// The smallest hessian of a child.
[[nodiscard]] inline double least_hessian(double l2, const SplitRules& rules) {
  return l2 > 0 ? rules.min_hessian : std::fmax(rules.min_hessian, 1e-290);
}
// What the row routines weigh the candidates of a node by.
[[nodiscard]] SplitScale split_scale(const Cell& total, const FixedPoint& scale, const SplitRules& rules);

// With its left bins unless there are more than a byte tells apart, those up to `last_left` of `bins`; no
// value: none is missing, and missing ones go with the heavier child.
[[nodiscard]] Split with_numeric_bins(Split split, std::size_t last_left, std::size_t bins,
                                      std::optional<bool> missing_left, const FixedPoint& scale);

// `cells` are the feature's bins and then its missing bin: [bins + 1]. They sum to `total`.
[[nodiscard]] Split find_numeric_split(std::span<const Cell> cells, const Cell& total,
                                       const FixedPoint& scale, const SplitRules& rules);
// The same, but splits that gain less than `least_gain` may be passed over.
[[nodiscard]] Split find_better_numeric_split(std::span<const Cell> cells, const Cell& total,
                                              const FixedPoint& scale, const SplitRules& rules,
                                              double least_gain);
// The same, told only the bins that have rows: cells[i] is that of bins[i], ascending; `missing_bin` may be
// the last.
[[nodiscard]] Split find_better_numeric_split(std::span<const std::uint8_t> bins, std::span<const Cell> cells,
                                              std::size_t missing_bin, const Cell& total,
                                              const FixedPoint& scale, const SplitRules& rules,
                                              double least_gain);
// The same by its slow twin: candidate after candidate.
[[nodiscard]] Split find_numeric_split_plainly(std::span<const Cell> cells, const Cell& total,
                                               const FixedPoint& scale, const SplitRules& rules);
[[nodiscard]] Split find_categorical_split(std::span<const Cell> cells, const Cell& total,
                                           const FixedPoint& scale, const SplitRules& rules);

}  // namespace astrolabe::trees
