// SPDX-License-Identifier: Apache-2.0
// The scores of the rows that a tree was grown on: their leaf is known, no walk is needed.
//
//   LeafScores adder;                                  // keeps its memory from tree to tree
//   adder.add(grown, rows, scores, pool);              // scores[row] += value of the row's leaf
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "astrolabe/base/thread_pool.h"
#include "astrolabe/learners/trees/grower.h"

namespace astrolabe::trees {

// Not thread-safe.
class LeafScores {
 public:
  // `rows` are those of the tree, ascending. Rows of one leaf lie far apart, and so do their scores: of many
  // rows the leaf's number is noted first, in two bytes, and the scores are then passed once, in order.
  void add(const GrownTree& grown, std::span<const std::uint32_t> rows, std::span<double> scores,
           ThreadPool& pool);

 private:
  std::vector<std::uint16_t> leaf_of_row_;
};

}  // namespace astrolabe::trees
