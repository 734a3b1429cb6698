// SPDX-License-Identifier: Apache-2.0
// A tree over bins, as it is grown. For rows that are binned with the same cuts: out-of-sample rows and
// watched rows. What a model keeps is a `Tree` over values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "astrolabe/base/thread_pool.h"
#include "astrolabe/learners/trees/bin_set.h"
#include "astrolabe/learners/trees/binned_matrix.h"

namespace astrolabe::trees {

struct BinTree {
  // A child >= 0 is a node; ~leaf otherwise.
  struct Node {
    std::uint32_t slot = 0;
    std::uint16_t last_left_bin = 0;
    bool missing_left = false;
    BinSet left_bins;  // not of a wide slot
    std::int32_t left = 0;
    std::int32_t right = 0;
    double gain = 0;
  };
  std::vector<Node> nodes;  // the root first; empty: one leaf
  std::vector<double> leaves;
};

// Which bins go left: those in the set, or, of a wide slot, those up to `last` and perhaps the missing one.
struct LeftBins {
  BinSet set;
  std::uint16_t last = 0;
  bool missing = false;
};

// Parts ascending rows: those whose bin goes left to the front of `to`, which has room for all of them, the
// others behind, both ascending. `known_lefts` is how many are left, as histograms tell exactly.
// Deterministic for any pool.
void partition_rows(const BinnedMatrix& matrix, std::size_t slot, const LeftBins& left_bins,
                    std::span<const std::uint32_t> rows, std::size_t known_lefts, std::span<std::uint32_t> to,
                    ThreadPool& pool);

// Calls visit(leaf, rows) for the leaves that some of `rows` (ascending) reach, with those that do,
// ascending; for one leaf several times where rows are many. By several threads at a time, never for one row
// twice.
void for_each_leaf(const BinTree& tree, const BinnedMatrix& matrix, std::span<const std::uint32_t> rows,
                   ThreadPool& pool,
                   const std::function<void(std::size_t, std::span<const std::uint32_t>)>& visit);

// scores[row] += value of the row's leaf, for each of `rows` (ascending).
void add_scores(const BinTree& tree, const BinnedMatrix& matrix, std::span<const std::uint32_t> rows,
                std::span<double> scores, ThreadPool& pool);

}  // namespace astrolabe::trees
