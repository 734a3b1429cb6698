// SPDX-License-Identifier: Apache-2.0
// LambdaMART: gradients that pull the rows of a group into the order of their relevance, each pair by what
// swapping it would change in NDCG.
//
//   const LambdaRank ranks(labels, {.truncation = 30, .sigma = 1});
//   ranks.find_pairs(scores, pairs, pool);
//   double watched = ranks.loss(scores);   // 1 - NDCG
//
// Of rows i (more relevant) and j of a group, one of which stands among the first `truncation` by score:
//   weight   |gain_i - gain_j| |discount_i - discount_j| / best DCG / (0.01 + |s_i - s_j|)
//   lambda   weight sigma / (1 + e^(sigma (s_i - s_j))): taken from the gradient of i, added to that of j
//   hessian  weight sigma^2 p (1 - p), p = 1 / (1 + e^(sigma (s_i - s_j))): added to both
// gains, discounts and the best DCG of the first `truncation` rows as in ranking_metric.h; the last factor of
// the weight only where not all scores of the group are equal. A group's pairs are then divided by their sum
// S of lambdas (each counts for both rows) and multiplied by log2(1 + S), so that groups with many pairs do
// not outweigh the others; all pairs by a constant, so that l2 has the size that it has for the squared loss:
// the mean hessian of rows of equal scores is 1. Rows of equal score keep their order. Sources: Burges, "From
// RankNet to LambdaRank to LambdaMART", MSR-TR-2010-82; truncation and both norms are those of LightGBM.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "astrolabe/base/thread_pool.h"
#include "astrolabe/learners/trees/fixed_point.h"
#include "astrolabe/model/task.h"
#include "astrolabe/stats/ranking_metric.h"

namespace astrolabe::trees {

struct LambdaRankRules {
  std::size_t truncation = 30;
  double sigma = 1;
};

// Whether the setting of the loss means this one for these labels: by its name, or auto where they have
// groups. Throws usage_error for its name where they have none.
[[nodiscard]] bool is_lambdarank(std::string_view loss, const Labels& labels);

// Immutable, so thread-safe. `labels` have groups and must outlive it.
class LambdaRank {
 public:
  LambdaRank(const Labels& labels, const LambdaRankRules& rules);

  // [rows] of scores and pairs; of rows without weight the pairs are 0. Same bytes for any pool. Cost: for
  // each group, its rows times the smaller of its rows and the truncation.
  void find_pairs(std::span<const double> scores, std::span<GradientPair> pairs, ThreadPool& pool) const;
  // 1 - NDCG of the first `truncation` positions.
  [[nodiscard]] double loss(std::span<const double> scores) const;

 private:
  struct Place;
  void find_scale();
  void find_pairs_of(std::size_t group, std::span<const double> scores, std::span<GradientPair> pairs,
                     Place& place) const;

  const Labels& labels_;
  LambdaRankRules rules_;
  RowGroups groups_;
  std::vector<double> gains_;      // [rows]
  std::vector<double> discounts_;  // [rows of the largest group]
  std::vector<double> best_;       // [groups] DCG
  double scale_ = 1;               // of gradients and hessians
};

}  // namespace astrolabe::trees
