// SPDX-License-Identifier: Apache-2.0
// Boosting with dropout (dropout.h): rounds are taken off the scores before a round is grown, and come back
// smaller, with the new one, after it.
//
//   dart.take_out(round, train, pool);
//   ... grow on train.scores ...
//   dart.put_back(grown, train, &watch, pool);   // scales the new trees; the caller adds them
//   dart.keep_best();                            // these weights were the best so far
//   dart.weigh(forest);                          // at the end
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "astrolabe/base/thread_pool.h"
#include "astrolabe/learners/trees/bin_tree.h"
#include "astrolabe/learners/trees/dropout.h"
#include "astrolabe/learners/trees/forest.h"
#include "astrolabe/learners/trees/grower.h"

namespace astrolabe::trees {

// Scores of some rows of a matrix: [outputs, rows of the matrix].
struct RowScores {
  const BinnedMatrix& matrix;
  std::span<const std::uint32_t> rows;
  std::span<double> scores;
};

class Dart {
 public:
  Dart(const DropoutRules& rules, Key key, std::size_t outputs) : dropout_(rules, key), outputs_(outputs) {}

  // Cost: a walk of every row through every tree that is left out.
  void take_out(std::uint64_t round, const RowScores& train, ThreadPool& pool);
  // `grown` is [outputs]: the new round, or one without a split, which changes nothing. `watch` may be null.
  void put_back(std::span<std::optional<GrownTree>> grown, const RowScores& train, const RowScores* watch,
                ThreadPool& pool);

  void keep_best() { best_weights_ = dropout_.weights(); }
  // Multiplies the leaves of every round by what it counts: as at the last keep_best, or without one now.
  void weigh(Forest& forest) const;

 private:
  void add(std::size_t round, double factor, const RowScores& to, ThreadPool& pool) const;

  Dropout dropout_;
  std::size_t outputs_;
  std::vector<BinTree> trees_;  // [rounds, outputs] as they were grown
  std::vector<std::size_t> dropped_;
  std::vector<double> best_weights_;
};

}  // namespace astrolabe::trees
