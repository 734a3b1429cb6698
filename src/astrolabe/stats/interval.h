// SPDX-License-Identifier: Apache-2.0
// Intervals for a metric, and for the difference between two predictors of the same rows.
//
//   const Metric& auc = *find_metric("auc");
//   Estimate e = estimate(auc, ours, key.split("interval"));         // {0.91, 0.88, 0.94, "DeLong"}
//   Difference d = paired_difference(auc, ours, theirs, key.split("difference"));
//   if (d.p_value < 0.05) fmt::print("differ by {} [{}, {}]", d.effect.value, d.effect.low, d.effect.high);
//
// What cannot be known is not guessed: where the rows do not determine an interval (none, too few, one
// class), the bounds are NaN and the method is "undefined". All functions are pure and thread-safe. A
// confidence outside (0, 1) is our own bug (InternalError).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/stats/distribution.h"
#include "astrolabe/stats/metric.h"

namespace astrolabe {

// A value with its confidence interval. `method` names how it came about: "DeLong", "bootstrap", ...
struct Estimate {
  double value = 0;
  double low = 0;
  double high = 0;
  std::string method;

  // `value` with NaN bounds.
  [[nodiscard]] static Estimate undefined(double value);
};

// The interval always contains the value and lies within the range of the metric. By metric.interval:
//   delong        "DeLong", clipped to [0, 1] (DeLong, DeLong & Clarke-Pearson, Biometrics 1988). Where it
//   collapses,
//                 for an AUC of 0 or 1 or one row of a class: "Newcombe" (Statistics in Medicine 2006, method
//                 5). Rows of unequal weight: "bootstrap". O(n log n).
//   mean, root    "Student t" on the row losses, under a root by the delta method. Weighted rows count as
//                 (sum w)^2 / sum w^2 rows. One row is undefined. O(n).
//   share         "Wilson". O(n).
//   groups        "bootstrap" over the groups of a ranking, whose values are found once. One group is
//   undefined. bootstrap     "bootstrap": percentiles over resampled rows (bootstrap.h). It cannot see what
//   never happened: of a
//                 faultless prediction it is one point. One row is undefined. Cost: bootstrap.h.
[[nodiscard]] Estimate estimate(const Metric& metric, const Scored& scored, Key key,
                                double confidence = 0.95);

// Paired difference metric(a) - metric(b) on the same rows, by the paired forms of the same methods: DeLong's
// covariance, Student t on differences of row losses (for a share too), bootstrap of both on the same
// resamples. `a` and `b` share truth, weight and groups. Undefined with fewer than two rows (AUC: of either
// class).
struct Difference {
  Estimate effect;   // in the metric's natural direction
  double p_value{};  // two-sided, for "no difference"; NaN when undefined
};
[[nodiscard]] Difference paired_difference(const Metric& metric, const Scored& a, const Scored& b, Key key,
                                           double confidence = 0.95);

// Mean of k-fold scores with the corrected resampled t interval: variance (1/k + test/train) s^2, k-1 degrees
// of freedom. Undefined below two folds. Source: Nadeau & Bengio, "Inference for the generalization error",
// Machine Learning 2003.
[[nodiscard]] Estimate corrected_resampled_t(std::span<const double> fold_scores, double test_to_train_ratio,
                                             double confidence = 0.95);

// Holm's step-down adjustment: p-values in, adjusted p-values out, in the same order. A NaN counts as a
// hypothesis with p = 1 and stays NaN. Source: Holm, Scandinavian Journal of Statistics 1979.
[[nodiscard]] std::vector<double> holm_adjust(std::span<const double> p_values);

// Adjusted by Benjamini and Hochberg (JRSS B 1995), for independent or positively dependent hypotheses: at
// most that share of what is called different is not, on average. A NaN as above.
[[nodiscard]] std::vector<double> benjamini_hochberg(std::span<const double> p_values);

// Wilson score interval for a proportion. Undefined without trials; successes and trials may be fractions
// (effective counts). Source: Wilson, JASA 1927.
[[nodiscard]] Estimate wilson_interval(double successes, double trials, double confidence = 0.95);

}  // namespace astrolabe
