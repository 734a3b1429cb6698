// SPDX-License-Identifier: Apache-2.0
// What one tree adds up: packed rows where they suit, else cells.
//
//   TreeGradients gradients;                                  // keeps its memory from tree to tree
//   TreeRequest request = {.rows = rows, .slots = slots};
//   gradients.fill(labels.rows(), source, bound, key, pool, request);
//   grower.grow(std::move(request), pool, budget);            // while `gradients` lives unchanged
#pragma once

#include <optional>
#include <vector>

#include "astrolabe/learners/trees/grower.h"
#include "astrolabe/learners/trees/packed_rows.h"

namespace astrolabe::trees {

// Not thread-safe: one for each tree that is grown at a time.
class TreeGradients {
 public:
  // The pairs of request.rows come from `source`; see PackedRows::pack for the rest.
  void fill(std::size_t matrix_rows, const PairSource& source, const std::optional<GradientPair>& bound,
            Key key, ThreadPool& pool, TreeRequest& request);

 private:
  PackedRows packed_;
  std::vector<GradientPair> pairs_;  // where packed rows do not suit
  std::vector<Cell> cells_;
};

}  // namespace astrolabe::trees
