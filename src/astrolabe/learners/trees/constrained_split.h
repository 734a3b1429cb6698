// SPDX-License-Identifier: Apache-2.0
// Splits under constraints: of a node whose value is bounded, because a split above it must be monotone, and
// whose features are those that may meet the ones above it.
//
//   PathRules path{.bounds = {}, .groups = known.all_groups()};   // of the root
//   const Split split = find_constrained_split(known, feature, cells, total, scale, rules, path);
//   const auto [left, right] = child_paths(known, feature.index, split, scale, rules, path);
//
// A leaf's value is the best one within its bounds. A split along a feature with a direction must have its
// children's values in that order, and their middle becomes a bound of each, which all leaves below inherit:
// so no leaf on one side is above one on the other (LightGBM's and XGBoost's basic method; Bartley, Liu and
// Reynolds, "Enhanced random forest algorithms for partially monotone ordinal classification", 2019, say what
// it costs). Missing values may go either way.
#pragma once

#include <limits>
#include <span>
#include <utility>

#include "astrolabe/learners/trees/constraints.h"
#include "astrolabe/learners/trees/split.h"

namespace astrolabe::trees {

// Of a leaf's value before the learning rate.
struct ValueBounds {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();

  [[nodiscard]] double clamp(double value) const { return std::fmin(std::fmax(value, low), high); }
  [[nodiscard]] bool is_open() const { return low == -high && high > std::numeric_limits<double>::max(); }
};

// The best value of a leaf within the bounds.
[[nodiscard]] double bounded_value(const Cell& leaf, const FixedPoint& scale, const SplitRules& rules,
                                   const ValueBounds& bounds);

// As find_numeric_split: `direction` 1, -1 or 0.
[[nodiscard]] Split find_monotone_split(std::span<const Cell> cells, const Cell& total,
                                        const FixedPoint& scale, const SplitRules& rules, int direction,
                                        const ValueBounds& bounds);

// A split that was found without bounds, with the gain that it has within them; none if there is none left.
[[nodiscard]] Split within_bounds(const Split& split, const Cell& total, const FixedPoint& scale,
                                  const SplitRules& rules, const ValueBounds& bounds);

// Of the left and the right child, below a split with a direction.
[[nodiscard]] std::pair<ValueBounds, ValueBounds> child_bounds(const Split& split, const FixedPoint& scale,
                                                               const SplitRules& rules, int direction,
                                                               const ValueBounds& bounds);

// What the splits above a node leave to it.
struct PathRules {
  ValueBounds bounds = {};
  TreeConstraints::Groups groups = {};
};

struct SplitFeature {
  std::uint32_t index = 0;  // of the feature matrix
  bool is_category = false;
};

// The best split on a feature that the node may have; none where its groups do not allow the feature.
[[nodiscard]] Split find_constrained_split(const TreeConstraints& known, const SplitFeature& feature,
                                           std::span<const Cell> cells, const Cell& total,
                                           const FixedPoint& scale, const SplitRules& rules,
                                           const PathRules& path);

// Of the left and the right child below a split on a feature.
[[nodiscard]] std::pair<PathRules, PathRules> child_paths(const TreeConstraints& known, std::uint32_t feature,
                                                          const Split& split, const FixedPoint& scale,
                                                          const SplitRules& rules, const PathRules& path);

}  // namespace astrolabe::trees
