// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/tree_gains.h"

#include <algorithm>

namespace astrolabe::trees {

void TreeGains::add(const BinTree& tree, std::span<const std::uint32_t> feature_of_slot) {
  std::vector<std::pair<std::uint32_t, double>> gains;
  for (const BinTree::Node& node : tree.nodes) gains.emplace_back(feature_of_slot[node.slot], node.gain);
  of_trees_.push_back(std::move(gains));
}

void TreeGains::keep_best(std::size_t best_round, bool has_watched, Boosted& boosted) const {
  Forest& forest = boosted.forest;
  boosted.curve.unit = "round";
  boosted.curve.best_step = best_round;
  if (has_watched) forest.trees.resize(std::min(forest.trees.size(), best_round * forest.outputs));
  for (std::size_t tree = 0; tree < forest.trees.size(); ++tree)
    for (const auto& [feature, gain] : of_trees_[tree]) boosted.gains[feature] += gain;
}

}  // namespace astrolabe::trees
