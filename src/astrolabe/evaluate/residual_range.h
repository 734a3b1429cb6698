// SPDX-License-Identifier: Apache-2.0
// A range around a regression value from out-of-fold residuals: split-conformal quantiles with the
// finite-sample correction. Source: Lei et al., "Distribution-free predictive inference for regression", JASA
// 2018, section 2.2.
#pragma once

#include <span>

namespace astrolabe {

struct ResidualRange {
  double low = 0;   // added to a prediction: the lower end
  double high = 0;  // the upper end
};
// `residuals` are truth - prediction of rows that the model did not train on. Each end leaves (1 - coverage)
// / 2 outside; with too few residuals for that the extreme ones are taken. Pure; O(n log n). Empty input
// gives {0, 0}.
[[nodiscard]] ResidualRange residual_range(std::span<const double> residuals, double coverage);

// Whether ranges whose ends are multiples of a row's spread do surely better than ranges of one width, both
// with the ends that residual_range finds: narrower on average, and of a lower interval score (width, and 2 /
// (1 - coverage) times by how much a truth lies outside) by more than two standard errors of the paired mean.
// The score is proper: Gneiting and Raftery, "Strictly proper scoring rules, prediction, and estimation",
// JASA 2007, section 6.2. `spreads` [rows] are positive and of models that did not see the row's residual.
[[nodiscard]] bool are_ranges_better(std::span<const double> residuals, std::span<const double> spreads,
                                     double coverage);

}  // namespace astrolabe
