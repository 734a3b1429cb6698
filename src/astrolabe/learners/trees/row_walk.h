// SPDX-License-Identifier: Apache-2.0
// One row down many trees, or many rows down one, eight at a time: each step waits for the node it reads, so
// eight walks side by side cost little more than one.
//
//   add_row(forest.trees, forest.outputs, row, scores);   // row: one float for each of forest.features
#pragma once

#include <cstddef>
#include <span>

#include "astrolabe/learners/trees/tree.h"

namespace astrolabe::trees {

// scores[t % outputs] += trees[t].value(row), tree by tree: the same bits. Allocates nothing. Where a leaf
// has `leaf_values` > 1 of them, each is added to its own output.
void add_row(std::span<const Tree> trees, std::size_t outputs, const float* row, double* scores,
             std::size_t leaf_values = 1);

// leaves[i] = tree.leaf_of(row i), each of `width` floats.
void find_leaves(const Tree& tree, const float* rows, std::size_t width, std::span<std::size_t> leaves);

}  // namespace astrolabe::trees
