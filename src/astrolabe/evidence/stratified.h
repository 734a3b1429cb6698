// SPDX-License-Identifier: Apache-2.0
// One effect over several tasks, each with its own paired differences: the mean of the tasks' means, with an
// interval that holds the chance of every one of them.
//
//   const std::vector<Stratum> tasks = {{.differences = moons}, {.differences = adult, .test_to_train =
//   0.4}}; const StratifiedEffect effect = mean_over_strata(tasks, 0.95); effect.estimate // over these tasks
//
// A stratum's mean of n differences has the variance s^2 (1/n + r), where r is 0 for rows drawn anew each
// time, and test rows over training rows for resamples of one table (Nadeau & Bengio, "Inference for the
// generalization error", Machine Learning 2003). Strata are independent of one another, so that variances
// add, with the degrees of freedom of Welch and Satterthwaite (Satterthwaite, Biometrics Bulletin 1946). It
// speaks of these tasks only: whether another task would agree is what ranks over tasks say
// (stats/contestants.h). Pure; thread-safe. Cost: O(differences).
#pragma once

#include <span>
#include <vector>

#include "astrolabe/stats/interval.h"

namespace astrolabe {

struct Stratum {
  std::vector<double> differences;  // one for each seed; finite
  double test_to_train = 0;         // of resamples of one table; 0: drawn anew for each seed
};

struct StratifiedEffect {
  Estimate estimate;              // undefined without strata, or where one has fewer than two differences
  double p_value{};               // two-sided, for "no difference"; NaN where undefined
  double degrees_of_freedom = 0;  // 0 where nothing varies: then the interval is its value
};

[[nodiscard]] StratifiedEffect mean_over_strata(std::span<const Stratum> strata, double confidence);

}  // namespace astrolabe
