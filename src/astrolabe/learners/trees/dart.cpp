// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/dart.h"

#include <algorithm>

namespace astrolabe::trees {

void Dart::add(std::size_t round, double factor, const RowScores& to, ThreadPool& pool) const {
  const std::size_t stride = to.scores.size() / outputs_;
  for (std::size_t output = 0; output < outputs_; ++output) {
    BinTree tree = trees_[round * outputs_ + output];
    for (double& leaf : tree.leaves) leaf *= factor;
    add_scores(tree, to.matrix, to.rows, to.scores.subspan(output * stride, stride), pool);
  }
}

void Dart::take_out(std::uint64_t round, const RowScores& train, ThreadPool& pool) {
  dropped_ = dropout_.choose(round);
  for (const std::size_t dropped : dropped_) add(dropped, -dropout_.weights()[dropped], train, pool);
}

void Dart::put_back(std::span<std::optional<GrownTree>> grown, const RowScores& train, const RowScores* watch,
                    ThreadPool& pool) {
  const bool has_split =
      std::ranges::any_of(grown, [](const auto& tree) { return !tree->tree.nodes.empty(); });
  const std::vector<double> before = dropout_.weights();
  Dropout::Shares shares;
  if (has_split) {
    shares = dropout_.add_round(dropped_);
  } else {
    dropout_.add_empty_round();
  }
  for (const std::size_t round : dropped_) {
    const double now = dropout_.weights()[round];
    add(round, now, train, pool);
    if (watch != nullptr && now != before[round]) add(round, now - before[round], *watch, pool);
  }
  for (const auto& tree : grown) trees_.push_back(tree->tree);
  for (auto& tree : grown)
    for (double& leaf : tree->tree.leaves) leaf *= shares.added;
}

void Dart::weigh(Forest& forest) const {
  const std::vector<double>& weights = best_weights_.empty() ? dropout_.weights() : best_weights_;
  for (std::size_t tree = 0; tree < forest.trees.size(); ++tree)
    for (std::size_t leaf = 0; leaf < forest.trees[tree].leaves.size(); ++leaf)
      forest.trees[tree].leaves[leaf] = trees_[tree].leaves[leaf] * weights[tree / outputs_];
}

}  // namespace astrolabe::trees
