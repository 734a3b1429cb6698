// SPDX-License-Identifier: Apache-2.0
// What a fit minimises, of whichever kind it is: a native loss (loss.h), an expression (expression_loss.h),
// or the order of rows within their groups (lambdarank.h).
//
//   const FitLoss loss(settings, train_labels, &watched_labels, pool);
//   forest.initial = loss.initial_scores();
//   loss.find_pairs(train, train.scores, pairs, pool);        // gradients and hessians of all outputs
//   const double watched = loss.mean(watch, pool);
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/base/thread_pool.h"
#include "astrolabe/learners/trees/expression_loss.h"
#include "astrolabe/learners/trees/lambdarank.h"
#include "astrolabe/learners/trees/loss.h"
#include "astrolabe/learners/trees/scored_rows.h"
#include "astrolabe/learners/trees/trees_settings.h"

namespace astrolabe::trees {

// Rows that it is asked about have the labels that it was made of, and targets where it has any. Immutable.
class FitLoss {
 public:
  // Both labels must outlive it; `watched` may be null. Throws what is_lambdarank, choose_loss,
  // require_targets (of the watched ones too) and ExpressionLoss throw.
  FitLoss(const TreesSettings& settings, const Labels& train, const Labels* watched, ThreadPool& pool);
  FitLoss(const FitLoss&) = delete;
  FitLoss& operator=(const FitLoss&) = delete;

  // Its gradients can be found output by output (find_gradients, NativePairs): those of objective().
  [[nodiscard]] bool is_native() const { return !expression_ && !ranking_; }
  [[nodiscard]] const Objective& objective() const { return objective_; }
  // Whose link the scores have.
  [[nodiscard]] Loss link() const { return objective_.loss; }
  // Its text, where it is not that loss itself; else empty.
  [[nodiscard]] const std::string& expression() const { return text_; }
  // Rows count alike, and leaves are searched for: there is no second derivative.
  [[nodiscard]] bool is_straight() const { return expression_ && expression_->is_straight(); }

  // [outputs] The best constant, in the units of scores.
  [[nodiscard]] std::vector<double> initial_scores() const;
  // [rows] What ScoredRows keeps as targets; empty where the labels will do.
  [[nodiscard]] std::vector<double> targets(const Labels& labels) const;
  // From scores as a model has them to those that are boosted, and back.
  void to_standard(std::span<double> scores) const;
  void to_units(Forest& forest) const;

  // [outputs, rows] both, of the training rows as if their scores were these. Uses the predictions' memory.
  // Same bytes for any pool.
  void find_pairs(ScoredRows& train, std::span<const double> scores, std::span<GradientPair> pairs,
                  ThreadPool& pool) const;
  // Weighted mean over the rows, training or watched. Uses the predictions' memory.
  [[nodiscard]] double mean(ScoredRows& rows, ThreadPool& pool) const;
  // Puts the leaves of a tree that was grown on these rows where this is least, if it searches for leaves.
  void refit_leaves(const ScoredRows& train, const GrowthRules& rules, GrownTree& grown,
                    ThreadPool& pool) const;

 private:
  const Labels& train_;
  Objective objective_;  // of others than native ones the loss alone counts, for its link
  std::string text_;
  std::optional<ExpressionLoss> expression_;
  std::optional<LambdaRank> ranking_, watched_ranking_;
};

}  // namespace astrolabe::trees
