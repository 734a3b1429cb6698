// SPDX-License-Identifier: Apache-2.0
// Many trees as one function of a feature matrix.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "astrolabe/learners/trees/tree.h"
#include "astrolabe/model/feature_matrix.h"

namespace astrolabe::trees {

struct Forest {
  std::size_t outputs = 1;
  std::vector<double> initial;          // [outputs]
  std::size_t leaf_values = 1;          // 1, or `outputs`: then every tree is a round of its own
  std::vector<Tree> trees;              // round by round, [rounds, outputs / leaf_values]
  std::vector<std::uint32_t> features;  // column of the walker's rows -> feature of the matrix, ascending

  [[nodiscard]] bool has_linear() const {
    return std::ranges::any_of(trees, [](const Tree& tree) { return !tree.linear.empty(); });
  }
  [[nodiscard]] std::size_t rounds() const { return trees.size() * leaf_values / outputs; }
  // scores [outputs, rows]. Walks blocks of rows, gathered from dense and sparse columns.
  void score(const FeatureMatrix& matrix, std::size_t begin, std::size_t end, std::span<double> scores) const;
  // Fills `features` with those of the `all` that some tree asks for, by which nodes name theirs from now on.
  void keep_used_features(std::size_t all);
};

}  // namespace astrolabe::trees
