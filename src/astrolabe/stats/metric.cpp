// SPDX-License-Identifier: Apache-2.0
// The catalogue: every metric, in the order in which people see them.
#include "astrolabe/stats/metric.h"

#include <array>
#include <cmath>

#include "astrolabe/base/error.h"
#include "astrolabe/stats/classification.h"
#include "astrolabe/stats/ranking_metric.h"
#include "astrolabe/stats/regression.h"

namespace astrolabe {
namespace {

constexpr std::array kMetrics = {
    Metric{.name = "auc",
           .title = "AUC",
           .doc = "Probability that a row of class 1 is ranked above a row of class 0; ties count as half.",
           .higher_is_better = true,
           .binary = true,
           .multiclass = false,
           .regression = false,
           .compute = auc,
           .row_loss = nullptr,
           .interval = IntervalMethod::delong},
    Metric{.name = "log_loss",
           .title = "log loss",
           .doc = "Mean negative log of the probability given to the true class, clipped at 1e-15.",
           .higher_is_better = false,
           .binary = true,
           .multiclass = true,
           .regression = false,
           .compute = log_loss,
           .row_loss = log_loss_of_row,
           .interval = IntervalMethod::mean},
    Metric{
        .name = "brier",
        .title = "Brier score",
        .doc =
            "Mean squared error of the probability of class 1; with more classes, summed over all of them.",
        .higher_is_better = false,
        .binary = true,
        .multiclass = true,
        .regression = false,
        .compute = brier,
        .row_loss = brier_of_row,
        .interval = IntervalMethod::mean},
    Metric{.name = "accuracy",
           .title = "accuracy",
           .doc = "Share of rows whose most probable class is the true one (binary: cut at 0.5).",
           .higher_is_better = true,
           .binary = true,
           .multiclass = true,
           .regression = false,
           .compute = accuracy,
           .row_loss = accuracy_of_row,
           .interval = IntervalMethod::share},
    Metric{
        .name = "f1",
        .title = "F1",
        .doc = "Harmonic mean of precision and recall of class 1, cut at 0.5; with more classes, their mean.",
        .higher_is_better = true,
        .binary = true,
        .multiclass = true,
        .regression = false,
        .compute = f1,
        .row_loss = nullptr,
        .interval = IntervalMethod::bootstrap},
    Metric{.name = "balanced_accuracy",
           .title = "balanced accuracy",
           .doc = "Mean over the classes of the share of their rows that is predicted rightly.",
           .higher_is_better = true,
           .binary = true,
           .multiclass = true,
           .regression = false,
           .compute = balanced_accuracy,
           .row_loss = nullptr,
           .interval = IntervalMethod::bootstrap},
    Metric{.name = "rmse",
           .title = "RMSE",
           .doc = "Square root of the mean squared error, in the unit of the target.",
           .higher_is_better = false,
           .binary = false,
           .multiclass = false,
           .regression = true,
           .compute = rmse,
           .row_loss = squared_error,
           .interval = IntervalMethod::root_of_mean},
    Metric{.name = "mae",
           .title = "MAE",
           .doc = "Mean absolute error, in the unit of the target.",
           .higher_is_better = false,
           .binary = false,
           .multiclass = false,
           .regression = true,
           .compute = mae,
           .row_loss = absolute_error,
           .interval = IntervalMethod::mean},
    Metric{.name = "r2",
           .title = "R2",
           .doc = "Share of the target's variance that the predictions explain; 0 is what its mean explains.",
           .higher_is_better = true,
           .binary = false,
           .multiclass = false,
           .regression = true,
           .compute = r2,
           .row_loss = nullptr,
           .interval = IntervalMethod::bootstrap},
    Metric{.name = "pinball",
           .title = "pinball loss",
           .doc = "Quantile loss at the median (0.5): half the mean absolute error.",
           .higher_is_better = false,
           .binary = false,
           .multiclass = false,
           .regression = true,
           .compute = pinball,
           .row_loss = pinball_of_row,
           .interval = IntervalMethod::mean},
    Metric{.name = "poisson_deviance",
           .title = "Poisson deviance",
           .doc = "Mean unit deviance for counts; predictions below 1e-9 count as 1e-9.",
           .higher_is_better = false,
           .binary = false,
           .multiclass = false,
           .regression = true,
           .compute = poisson_deviance,
           .row_loss = poisson_deviance_of_row,
           .interval = IntervalMethod::mean},
    Metric{.name = "gamma_deviance",
           .title = "gamma deviance",
           .doc = "Mean unit deviance for positive amounts; predictions below 1e-9 count as 1e-9.",
           .higher_is_better = false,
           .binary = false,
           .multiclass = false,
           .regression = true,
           .compute = gamma_deviance,
           .row_loss = gamma_deviance_of_row,
           .interval = IntervalMethod::mean},
    Metric{.name = "ndcg@10",
           .title = "NDCG@10",
           .doc = "How well the first ten of each group are ordered: 1 is the best order.",
           .higher_is_better = true,
           .binary = false,
           .multiclass = false,
           .regression = true,
           .compute = ndcg<10>,
           .row_loss = nullptr,
           .interval = IntervalMethod::groups,
           .of_groups = group_ndcg<10>},
    Metric{.name = "ndcg@5",
           .title = "NDCG@5",
           .doc = "How well the first five of each group are ordered: 1 is the best order.",
           .higher_is_better = true,
           .binary = false,
           .multiclass = false,
           .regression = true,
           .compute = ndcg<5>,
           .row_loss = nullptr,
           .interval = IntervalMethod::groups,
           .of_groups = group_ndcg<5>},
    Metric{.name = "ndcg",
           .title = "NDCG",
           .doc = "How well each group is ordered, the first places counting most: 1 is the best order.",
           .higher_is_better = true,
           .binary = false,
           .multiclass = false,
           .regression = true,
           .compute = ndcg<kAllPositions>,
           .row_loss = nullptr,
           .interval = IntervalMethod::groups,
           .of_groups = group_ndcg<kAllPositions>},
};

}  // namespace

std::string_view task_kind_name(TaskKind kind) {
  switch (kind) {
    case TaskKind::binary:
      return "binary";
    case TaskKind::multiclass:
      return "multiclass";
    case TaskKind::regression:
      return "regression";
  }
  ASTROLABE_CHECK(false, "a task kind is one of three");
}

bool Metric::supports(TaskKind kind, bool is_ranking) const {
  switch (kind) {
    case TaskKind::binary:
      return binary;
    case TaskKind::multiclass:
      return multiclass;
    case TaskKind::regression:
      return regression && is_of_ranking() == is_ranking;
  }
  ASTROLABE_CHECK(false, "a task kind is one of three");
}

bool Metric::better(double a, double b) const {
  if (std::isnan(a)) return false;
  if (std::isnan(b)) return true;
  return higher_is_better ? a > b : a < b;
}

std::span<const Metric> metrics() {
  return kMetrics;
}

const Metric* find_metric(std::string_view name) {
  for (const Metric& metric : kMetrics) {
    if (metric.name == name) return &metric;
  }
  return nullptr;
}

const Metric& default_metric(TaskKind kind, bool is_ranking) {
  const auto name_of = [&](TaskKind task) -> std::string_view {
    if (is_ranking) return "ndcg@10";
    if (task == TaskKind::binary) return "auc";
    return task == TaskKind::multiclass ? "log_loss" : "rmse";
  };
  return *find_metric(name_of(kind));
}

}  // namespace astrolabe
