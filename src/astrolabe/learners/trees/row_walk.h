// SPDX-License-Identifier: Apache-2.0
// One row down many trees, eight trees at a time: each step waits for the node it reads, so eight walks side
// by side cost little more than one.
//
//   add_row(forest.trees, forest.outputs, row, scores);   // row: one float for each of forest.features
#pragma once

#include <cstddef>
#include <span>

#include "astrolabe/learners/trees/tree.h"

namespace astrolabe::trees {

// scores[t % outputs] += trees[t].value(row), tree by tree: the same bits. Allocates nothing.
void add_row(std::span<const Tree> trees, std::size_t outputs, const float* row, double* scores);

}  // namespace astrolabe::trees
