// SPDX-License-Identifier: Apache-2.0
// The trees of a model in its file: what many nodes share is written once (packed_items.h), so that a node
// and a leaf together take 4 or 5 bytes of a forest, 11 of a booster, where each as it lies in memory
// takes 37.
//
//   save_trees(archive, forest);
//   forest.trees = load_trees(archive, features, leaf_values);  // the same trees, in the order told below
//
// Nodes are written in preorder, left before right, and leaves from left to right, whatever order they had:
// the shape of a tree is then a bit for each of both. Thresholds of a feature are kept together, for it has
// at most as many as cuts.
#pragma once

#include <vector>

#include "astrolabe/learners/trees/forest.h"

namespace astrolabe::trees {

inline constexpr std::size_t kMaxTrees = 10'000'000;

// A tree of as many values a leaf, as it is written and read back.
[[nodiscard]] Tree in_preorder(const Tree& tree, std::size_t values);

void save_trees(ArchiveWriter& archive, const Forest& forest);
// Throws bad_input unless each is a tree (Tree::load). Memory: at most some 160 bytes and 32 for each further
// value of a leaf for each byte of the file, whatever it claims.
[[nodiscard]] std::vector<Tree> load_trees(ArchiveReader& archive, std::size_t features, std::size_t values);

}  // namespace astrolabe::trees
