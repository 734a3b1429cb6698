// SPDX-License-Identifier: Apache-2.0
// What people know before any tree is grown: along which features predictions must not fall, or not rise, and
// which features may meet on one path.
//
//   const TreeConstraints known = read_constraints({.monotone = "age:+,price:-",
//                                                   .interactions = "age,price;city,street"},
//                                                  features, TaskKind::regression);
//   known.direction(feature)                  // 1 for age
//   known.narrowed(known.all_groups(), age)   // the groups left below a split on age
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "astrolabe/model/feature_matrix.h"
#include "astrolabe/stats/metric.h"

namespace astrolabe::trees {

struct ConstraintTexts {
  std::string_view monotone;      // "age:+,price:-"; empty: none
  std::string_view interactions;  // groups of names, "a,b;c,d"; empty: all may meet
};

class TreeConstraints {
 public:
  using Groups = std::vector<std::uint32_t>;  // ascending

  TreeConstraints() = default;
  // `directions` and `groups` are [features], or empty where there is no such rule.
  TreeConstraints(std::vector<std::int8_t> directions, std::vector<Groups> groups, std::uint32_t group_count);

  [[nodiscard]] bool has_monotone() const { return !directions_.empty(); }
  [[nodiscard]] bool has_interactions() const { return !groups_.empty(); }
  // 1: predictions must not fall as the feature grows; -1: must not rise; 0: no rule.
  [[nodiscard]] int direction(std::uint32_t feature) const {
    return directions_.empty() ? 0 : directions_[feature];
  }
  // The groups of a path without a split, and what is left of them below a split on a feature. A path whose
  // groups do not run out lies in one group.
  [[nodiscard]] const Groups& all_groups() const { return all_groups_; }
  [[nodiscard]] Groups narrowed(std::span<const std::uint32_t> groups, std::uint32_t feature) const;
  // Whether a path with these groups left may split on a feature.
  [[nodiscard]] bool allows(std::span<const std::uint32_t> groups, std::uint32_t feature) const;

 private:
  std::vector<std::int8_t> directions_;
  std::vector<Groups> groups_;
  Groups all_groups_;
};

// Names are those of features, or for interactions also of the table's columns, which stand for all their
// features. Features that no group names are a group together. Throws bad_input for what cannot be read, a
// name that is not there (the nearest is offered), a feature that shall rise and fall, a category that shall
// be monotone, and monotone predictions of more than two classes.
[[nodiscard]] TreeConstraints read_constraints(const ConstraintTexts& texts,
                                               std::span<const Feature> features, TaskKind kind);

}  // namespace astrolabe::trees
