// SPDX-License-Identifier: Apache-2.0
// Slopes for the leaves of a tree that has been grown, and the scores that they add.
//
//   grown.linear = fit_linear_leaves(grown, matrix, features, pairs, {.l2 = 10, .learning_rate = 0.1}, pool);
//   add_linear_scores(grown, features, scores, pool);              // of the rows it was grown on
//   add_tree_scores(grown, matrix, features, rows, scores, pool);  // of others
//
// With z the columns of numbers on the leaf's path, each less its mean and over its deviation (both weighted
// by the hessians h; missing cells are 0), the slopes b are those at which the loss to second order, with a
// ridge, is least:  (sum h z z' + l2 I) b = -sum g z.  As sum h z = 0, the leaf's constant stays what it was.
// At most kMostTerms columns, those nearest to the leaf.
#pragma once

#include <span>

#include "astrolabe/base/thread_pool.h"
#include "astrolabe/learners/trees/fixed_point.h"
#include "astrolabe/learners/trees/grower.h"
#include "astrolabe/model/feature_matrix.h"

namespace astrolabe::trees {

inline constexpr std::size_t kMostTerms = 12;  // of one leaf: its equations cost their square for each row

struct LinearRules {
  double l2 = 10;
  double learning_rate = 0.1;
};

// Of the rows in grown.rows; `features` are what `matrix` has the bins of, `pairs` [rows of the matrix].
// Terms name features of the matrix. Sums are taken in the order of the rows: same bytes for any pool.
// Cost: O(rows x columns on a path^2).
[[nodiscard]] LinearLeaves fit_linear_leaves(const GrownTree& grown, const BinnedMatrix& matrix,
                                             const FeatureMatrix& features,
                                             std::span<const GradientPair> pairs, const LinearRules& rules,
                                             ThreadPool& pool);

// scores[row] += what the tree says of it: for the rows that it was grown on.
void add_linear_scores(const GrownTree& grown, const FeatureMatrix& features, std::span<double> scores,
                       ThreadPool& pool);
// And for any `rows` (ascending) that are binned with the same cuts; grown.linear may be empty.
void add_tree_scores(const GrownTree& grown, const BinnedMatrix& matrix, const FeatureMatrix& features,
                     std::span<const std::uint32_t> rows, std::span<double> scores, ThreadPool& pool);

}  // namespace astrolabe::trees
