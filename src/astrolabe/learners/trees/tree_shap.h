// SPDX-License-Identifier: Apache-2.0
// How much each feature moved a row's score: exact Shapley values of a forest.
//
//   const TreeShap shap(forest);                          // forest outlives shap
//   std::vector<double> moved(shap.outputs() * shap.width());
//   shap.add_contributions(row, moved);                   // row: a float for each of forest.features
//   // score of an output = shap.expected()[output] + sum of its row of `moved`
//
// The game is TreeSHAP's with path-dependent expectations (Lundberg, Erion and Lee 2018; Lundberg et al.,
// Nature Machine Intelligence 2020): where a feature is not known, a row goes both ways, each as often as the
// rows that the tree was grown on. Values are in the units of the forest's scores, before the link.
//
// How it is computed is Owen's ("Multilinear extensions of games", 1972): a Shapley value is the integral
// over t in (0, 1) of what the feature adds when each other one is known with probability t. Of a leaf that
// is a product, over the features on its path, of f = o t + (1 - t) z, with o = 1 where the row itself goes
// that way and z the share of rows that do; so it is a polynomial in t, and Gauss's rule with half as many
// points as the path has features is exact. One walk of the tree gives all features: at each edge the sum of
// the leaves below counts for the edge's feature. All sums are of terms of one size, so depth costs no
// digits, as unwinding paths does. Cost of a row: O(nodes x points); interactions: O(leaves x features of a
// path^2 x points).
//
// Leaves with slopes: what a column adds along its slope is known where the column is; where it is not, the
// column counts as the mean of the leaf's rows, from which slopes count. Exact as well.
//
// Immutable, so thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "astrolabe/learners/trees/forest.h"

namespace astrolabe::trees {

class TreeShap {
 public:
  // Whether the constructor would not throw.
  [[nodiscard]] static bool suits(const Forest& forest);

  // Throws bad_input where a tree has no covers (the model file is older than they are) or more than 512
  // levels or 256 features on a path.
  explicit TreeShap(const Forest& forest);

  [[nodiscard]] std::size_t outputs() const { return forest_.outputs; }
  [[nodiscard]] std::size_t width() const { return forest_.features.size(); }
  // [outputs] The mean score of the rows that the trees were grown on, tree by tree.
  [[nodiscard]] const std::vector<double>& expected() const { return expected_; }

  // values [outputs, width]: += Shapley value of each feature.
  void add_contributions(const float* row, std::span<double> values) const;
  // values [outputs, width, width], symmetric: += Shapley interaction values (Fujimoto et al. 2006, as
  // Lundberg's: a pair's effect is halved between its two cells). A row of them sums to the feature's
  // contribution.
  void add_interactions(const float* row, std::span<double> values) const;

 private:
  struct LaidTree {
    std::vector<double> left_shares;  // of a node's rows
    std::size_t points = 0;           // of the rule that is exact for it
  };

  // Walks a row down every value of every tree; visit(walk, output) takes what it found.
  template <class Visit>
  void walk_all(const float* row, Visit visit) const;

  const Forest& forest_;
  std::vector<LaidTree> trees_;
  std::vector<double> expected_;
};

}  // namespace astrolabe::trees
