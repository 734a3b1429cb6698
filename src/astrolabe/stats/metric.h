// SPDX-License-Identifier: Apache-2.0
// Metrics: predictions and truth in, one number with an interval out. Spans in, numbers out: nothing here
// knows tables, learners or files. All functions are pure and thread-safe.
//
//   const Metric& auc = *find_metric("auc");
//   Estimate e = estimate(auc, {.truth = y, .prediction = p, .outputs = 1, .weight = {}}, Key::from_seed(1));
//   fmt::print("{} [{}, {}]", e.value, e.low, e.high);
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "astrolabe/base/random.h"

namespace astrolabe {

// What is predicted decides the shape of a prediction, [rows, outputs] row-major:
//   binary      outputs = 1: probability of class 1; truth is 0 or 1
//   multiclass  outputs = number of classes: probabilities; truth is the class index
//   regression  outputs = 1: the value; truth is the value
// A ranking is a regression whose rows come in groups: predictions order the rows of each group, truth is how
// relevant a row is (ranking_metric.h).
enum class TaskKind { binary, multiclass, regression };
[[nodiscard]] std::string_view task_kind_name(TaskKind kind);

struct Scored {
  std::span<const double> truth;       // [rows]
  std::span<const double> prediction;  // [rows, outputs]
  std::size_t outputs = 1;
  std::span<const double> weight = {};         // [rows], or empty: all 1. Never negative.
  std::span<const std::uint32_t> groups = {};  // [rows] of a ranking: a number for each group; else empty

  [[nodiscard]] std::size_t rows() const { return truth.size(); }
};

// The class of a prediction: the largest probability, the first of equals; class 1 of a binary one above 0.5.
[[nodiscard]] std::size_t predicted_class(std::span<const double> prediction);

// How `estimate` (interval.h) finds the interval of a metric.
enum class IntervalMethod {
  delong,        // DeLong's variance of the AUC; the bootstrap when rows carry weights
  mean,          // a mean of row losses: normal
  root_of_mean,  // the square root of such a mean: normal, by the delta method
  share,         // a mean of zeros and ones: Wilson
  groups,        // a mean over the groups of a ranking: the bootstrap over groups
  bootstrap,     // everything else
};

// A value for each group of a ranking, by ascending number of the group, and what it weighs.
struct GroupScores {
  std::vector<double> values, weights;
};

struct Metric {
  std::string_view name;   // "auc": what --metric takes
  std::string_view title;  // "AUC": what people read
  std::string_view doc;    // one sentence
  bool higher_is_better;
  bool binary, multiclass, regression;  // where it applies
  // The value in its natural unit and direction. NaN when it is undefined: no rows, no weight, a NaN among
  // truth, prediction or weight, one class in the rows (AUC), a truth outside the metric's domain (gamma,
  // truth <= 0).
  double (*compute)(const Scored& scored);
  // Value of one row, when the metric is a (weighted) mean of row values, possibly under a square root; else
  // null. In the direction of the metric: accuracy is 1 for a right row; for all others it is a loss.
  double (*row_loss)(double truth, std::span<const double> prediction);
  IntervalMethod interval;
  // Of a ranking metric, which is one of regression too: the group values whose weighted mean it is. Else
  // null.
  GroupScores (*of_groups)(const Scored& scored) = nullptr;

  [[nodiscard]] bool is_of_ranking() const { return of_groups != nullptr; }
  [[nodiscard]] bool supports(TaskKind kind, bool is_ranking = false) const;
  // True when `a` is a better value than `b`. NaN is worse than anything.
  [[nodiscard]] bool better(double a, double b) const;
};

// auc, log_loss, brier, accuracy, f1, balanced_accuracy; rmse, mae, r2, pinball, poisson_deviance,
// gamma_deviance; ndcg@10, ndcg@5, ndcg.
[[nodiscard]] std::span<const Metric> metrics();
// Null when no metric has that name.
[[nodiscard]] const Metric* find_metric(std::string_view name);
// AUC, log loss, RMSE; NDCG@10 of a ranking.
[[nodiscard]] const Metric& default_metric(TaskKind kind, bool is_ranking = false);

}  // namespace astrolabe
