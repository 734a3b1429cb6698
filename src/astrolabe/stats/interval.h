// SPDX-License-Identifier: Apache-2.0
// Intervals for a metric, and for the difference between two predictors of the same rows.
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
};

// 95 % by default. AUC without weights: DeLong, DeLong & Clarke-Pearson, Biometrics 1988, in O(n log n) (Sun
// & Xu, IEEE SPL 2014). Means of row losses: normal, delta method under a root. Others: percentile bootstrap
// over rows, keyed.
[[nodiscard]] Estimate estimate(const Metric& metric, const Scored& scored, Key key,
                                double confidence = 0.95);

// Paired difference metric(a) - metric(b) on the same rows, by the paired forms of the same methods.
// `a` and `b` share truth and weight.
struct Difference {
  Estimate effect;  // in the metric's natural direction
  double p_value;   // two-sided, for "no difference"
};
[[nodiscard]] Difference paired_difference(const Metric& metric, const Scored& a, const Scored& b, Key key,
                                           double confidence = 0.95);

// Mean of k-fold scores with the corrected resampled t interval: variance (1/k + test/train) s^2, k-1 degrees
// of freedom. Source: Nadeau & Bengio, "Inference for the generalization error", Machine Learning 2003.
[[nodiscard]] Estimate corrected_resampled_t(std::span<const double> fold_scores, double test_to_train_ratio,
                                             double confidence = 0.95);

// Holm's step-down adjustment: p-values in, adjusted p-values out, in the same order.
[[nodiscard]] std::vector<double> holm_adjust(std::span<const double> p_values);

// Wilson score interval for a proportion.
[[nodiscard]] Estimate wilson_interval(double successes, double trials, double confidence = 0.95);

}  // namespace astrolabe
