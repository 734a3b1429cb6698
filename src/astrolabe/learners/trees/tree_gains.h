// SPDX-License-Identifier: Apache-2.0
// What each tree gained by which feature, until it is known which of the trees stay.
//
//   TreeGains gains;
//   gains.add(grown.tree, feature_of_slot);           // beside each tree that joins the forest
//   gains.keep_best(best_round, has_watched, boosted);
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "astrolabe/learners/trees/bin_tree.h"
#include "astrolabe/learners/trees/booster.h"

namespace astrolabe::trees {

class TreeGains {
 public:
  void add(const BinTree& tree, std::span<const std::uint32_t> feature_of_slot);
  // Ends a fit: trees after the best round are dropped where rows were watched; the gains of those that stay
  // are added to `boosted.gains`, and its curve says which round was best.
  void keep_best(std::size_t best_round, bool has_watched, Boosted& boosted) const;

 private:
  std::vector<std::vector<std::pair<std::uint32_t, double>>> of_trees_;  // feature, gain
};

}  // namespace astrolabe::trees
