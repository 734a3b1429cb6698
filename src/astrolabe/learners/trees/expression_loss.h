// SPDX-License-Identifier: Apache-2.0
// Any loss expression as what boosting minimises.
//
//   ExpressionLoss loss("log(cosh(y-z))", labels, pool);
//   scores = loss.initial_scores();                       // the best constant
//   loss.find_pairs(targets, weights, scores, pairs, pool);
//
// Numbers are standardised first (weighted mean and deviation of the training rows), so that huber(1) means
// the same to trees and to nets, and so that l2 has the size that it has for the squared loss; `to_units`
// takes the forest back. The loss is then scaled: a row has a mean curvature of 1 (numbers), or that of the
// logistic or softmax loss (classes).
//
// Curvature of a row: |d2 loss / dz2|, at least a tenth (classes: a hundredth) of the mean, so that neither a
// concave stretch nor a straight one makes a leaf leap. A loss that is straight almost everywhere (mae,
// quantile) counts every row as the mean. Leaves of numbers, and of straight losses of two classes, are found
// by a search for the value at which the leaf's own loss, with its penalties, is least (Friedman 2001,
// section 4.4, for any loss).
//
// Classes, more than two: with d = z - log(sum(exp(z))) and the expression's derivatives Z, D, ZZ, ZD, DD in
// z and d of each class, moving the score of class k moves d of k by 1 - p[k] and of others by -p[k]:
//   gradient[k] = Z[k] + D[k] - p[k] sum(D)
//   hessian[k]  = ZZ[k] + 2 (1 - p[k]) ZD[k] + (1 - p[k])^2 DD[k] + p[k]^2 (sum(DD) - DD[k]) - p[k] (1 -
//   p[k]) sum(D)
// so a row costs as many evaluations as it has classes.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/base/thread_pool.h"
#include "astrolabe/learners/trees/fixed_point.h"
#include "astrolabe/learners/trees/forest.h"
#include "astrolabe/learners/trees/grower.h"
#include "astrolabe/learners/trees/loss.h"
#include "astrolabe/learners/trees/loss_program.h"
#include "astrolabe/model/task.h"

namespace astrolabe::trees {

class ExpressionLoss {
 public:
  // Throws usage_error: what resolve_part says, a loss that has no meaning for these labels.
  ExpressionLoss(std::string_view text, const Labels& train, ThreadPool& pool);

  // The native loss that has its link: squared, logistic or softmax.
  [[nodiscard]] Loss link() const { return link_; }
  // [outputs] The constant that minimises the loss, of standardised numbers; log-odds and log-shares of
  // classes.
  [[nodiscard]] const std::vector<double>& initial_scores() const { return initial_; }
  // Labels as the loss wants them: [rows] standardised numbers, or indices of classes.
  [[nodiscard]] std::vector<double> targets(const Labels& labels) const;

  // [outputs, rows] of scores and pairs. `weights` may be empty. Same bytes for any pool.
  void find_pairs(std::span<const double> targets, std::span<const double> weights,
                  std::span<const double> scores, std::span<GradientPair> pairs, ThreadPool& pool) const;
  // Weighted mean.
  [[nodiscard]] double mean_loss(std::span<const double> targets, std::span<const double> weights,
                                 std::span<const double> scores, ThreadPool& pool) const;

  [[nodiscard]] bool refits_leaves() const { return slope_ != nullptr; }
  // Replaces the leaves of a tree that was grown on these rows by those with the least loss. Cost: about 15
  // evaluations a row.
  void refit_leaves(std::span<const double> targets, std::span<const double> weights,
                    std::span<const double> scores, const GrowthRules& rules, GrownTree& grown,
                    ThreadPool& pool) const;

  // Whether there is no curvature that says how far to go: rows count alike, and leaves are searched for.
  [[nodiscard]] bool is_straight() const { return is_straight_; }
  // From scores of standardised numbers to numbers, and back.
  void to_units(Forest& forest) const;
  void to_standard(std::span<double> scores) const;

 private:
  struct Scale {
    double mean = 1;            // curvature of a row, unscaled
    double straight_share = 0;  // of the weight
  };
  void standardise(const Labels& train);
  void find_best_constant(const Labels& train, ThreadPool& pool);
  void find_scale(const Labels& train, ThreadPool& pool);
  [[nodiscard]] GradientPair finished(double gradient, double hessian, double weight) const;
  void find_pairs_of_classes(std::span<const double> targets, std::span<const double> weights,
                             std::span<const double> scores, std::span<GradientPair> pairs,
                             ThreadPool& pool) const;
  // Slopes of the leaves' losses where each row has moved by its leaf's `step`.
  [[nodiscard]] std::vector<double> leaf_slopes(std::span<const double> targets,
                                                std::span<const double> weights,
                                                std::span<const double> scores, const GrownTree& grown,
                                                std::span<const double> steps, ThreadPool& pool) const;

  TaskKind kind_;
  std::size_t classes_;
  std::size_t outputs_;
  Loss link_ = Loss::squared;
  double centre_ = 0, deviation_ = 1;
  double scale_ = 1;           // of the loss
  double mean_curvature_ = 1;  // after scaling: what a straight loss counts
  double least_curvature_ = 0;
  bool is_straight_ = false;
  std::vector<double> initial_;
  std::unique_ptr<const LossProgram> value_, slope_, pairs_;
};

}  // namespace astrolabe::trees
