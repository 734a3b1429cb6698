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

}  // namespace astrolabe
