// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/constrained_split.h"

#include <algorithm>

namespace astrolabe::trees {
namespace {

// What a node with this value takes off the loss, twice: T(G)^2 / (H + l2) at the best value.
double score_of_value(const Cell& cell, const FixedPoint& scale, const SplitRules& rules, double value) {
  const double curvature = scale.hessian(cell) + rules.l2;
  return -2 * (scale.gradient(cell) * value + rules.l1 * std::abs(value)) - curvature * value * value;
}

double bounded_score(const Cell& cell, const FixedPoint& scale, const SplitRules& rules,
                     const ValueBounds& bounds) {
  return score_of_value(cell, scale, rules, bounded_value(cell, scale, rules, bounds));
}

// What a bound costs a node.
double cost_of_bounds(const Cell& cell, const FixedPoint& scale, const SplitRules& rules,
                      const ValueBounds& bounds) {
  return leaf_score(scale.gradient(cell), scale.hessian(cell), rules.l1, rules.l2) -
         bounded_score(cell, scale, rules, bounds);
}

bool is_large_enough(const Cell& child, const FixedPoint& scale, const SplitRules& rules) {
  return scale.rows(child) >= rules.min_rows && scale.hessian(child) >= least_hessian(rules.l2, rules);
}

}  // namespace

double bounded_value(const Cell& leaf, const FixedPoint& scale, const SplitRules& rules,
                     const ValueBounds& bounds) {
  return bounds.clamp(leaf_value(scale.gradient(leaf), scale.hessian(leaf), rules.l1, rules.l2));
}

Split find_monotone_split(std::span<const Cell> cells, const Cell& total, const FixedPoint& scale,
                          const SplitRules& rules, int direction, const ValueBounds& bounds) {
  const std::size_t bins = cells.size() - 1;
  const Cell& missing = cells[bins];
  const bool has_missing = scale.rows(missing) > 0;
  const double parent = bounded_score(total, scale, rules, bounds);
  double best = parent + std::max(2 * rules.min_gain, kLeastGain * std::abs(parent));
  std::size_t last_left = 0;
  Split split;
  for (const bool with_missing : {false, true}) {
    if (with_missing && !has_missing) break;
    Cell left = with_missing ? missing : Cell{};
    const std::size_t ends = has_missing && !with_missing ? bins : bins - 1;
    for (std::size_t bin = 0; bin < ends; ++bin) {
      if (cells[bin].hessian_and_rows == 0) continue;
      left += cells[bin];
      const Cell right = total - left;
      if (!is_large_enough(left, scale, rules)) continue;
      if (!is_large_enough(right, scale, rules)) break;
      const double left_value = bounded_value(left, scale, rules, bounds);
      const double right_value = bounded_value(right, scale, rules, bounds);
      if (direction * (right_value - left_value) < 0) continue;
      const double score =
          score_of_value(left, scale, rules, left_value) + score_of_value(right, scale, rules, right_value);
      if (!(score > best)) continue;
      best = score;
      last_left = bin;
      split.gain = (score - parent) / 2;
      split.missing_left = with_missing;
      split.left = left;
      split.right = right;
    }
  }
  return with_numeric_bins(split, last_left, bins,
                           has_missing ? std::optional(split.missing_left) : std::nullopt, scale);
}

Split within_bounds(const Split& split, const Cell& total, const FixedPoint& scale, const SplitRules& rules,
                    const ValueBounds& bounds) {
  if (!split || bounds.is_open()) return split;
  Split bounded = split;
  bounded.gain +=
      (cost_of_bounds(total, scale, rules, bounds) - cost_of_bounds(split.left, scale, rules, bounds) -
       cost_of_bounds(split.right, scale, rules, bounds)) /
      2;
  return bounded.gain > rules.min_gain ? bounded : Split{};
}

std::pair<ValueBounds, ValueBounds> child_bounds(const Split& split, const FixedPoint& scale,
                                                 const SplitRules& rules, int direction,
                                                 const ValueBounds& bounds) {
  ValueBounds left = bounds, right = bounds;
  if (direction == 0) return {left, right};
  const double middle =
      (bounded_value(split.left, scale, rules, bounds) + bounded_value(split.right, scale, rules, bounds)) /
      2;
  (direction > 0 ? left.high : left.low) = middle;
  (direction > 0 ? right.low : right.high) = middle;
  return {left, right};
}

Split find_constrained_split(const TreeConstraints& known, const SplitFeature& feature,
                             std::span<const Cell> cells, const Cell& total, const FixedPoint& scale,
                             const SplitRules& rules, const PathRules& path) {
  if (!known.allows(path.groups, feature.index)) return {};
  if (feature.is_category)
    return within_bounds(find_categorical_split(cells, total, scale, rules), total, scale, rules,
                         path.bounds);
  const int direction = known.direction(feature.index);
  if (direction == 0 && path.bounds.is_open()) return find_numeric_split(cells, total, scale, rules);
  return find_monotone_split(cells, total, scale, rules, direction, path.bounds);
}

std::pair<PathRules, PathRules> child_paths(const TreeConstraints& known, std::uint32_t feature,
                                            const Split& split, const FixedPoint& scale,
                                            const SplitRules& rules, const PathRules& path) {
  const auto [left, right] = child_bounds(split, scale, rules, known.direction(feature), path.bounds);
  const TreeConstraints::Groups groups = known.narrowed(path.groups, feature);
  return {{left, groups}, {right, groups}};
}

}  // namespace astrolabe::trees
