// SPDX-License-Identifier: Apache-2.0
// The metrics of numbers: the `compute` and `row_loss` that metric.cpp lists (metric.h says what they take).
// Pure; thread-safe.
#pragma once

#include <span>

#include "astrolabe/stats/metric.h"

namespace astrolabe {

[[nodiscard]] double squared_error(double truth, std::span<const double> prediction);
[[nodiscard]] double rmse(const Scored& scored);

[[nodiscard]] double absolute_error(double truth, std::span<const double> prediction);
[[nodiscard]] double mae(const Scored& scored);

// 1 - squared errors / squared deviations from the weighted mean. NaN when the truth is constant.
[[nodiscard]] double r2(const Scored& scored);

// At the median: half the absolute error.
[[nodiscard]] double pinball_of_row(double truth, std::span<const double> prediction);
[[nodiscard]] double pinball(const Scored& scored);

// Unit deviances (McCullagh & Nelder, 1989). Predictions below 1e-9 count as 1e-9. NaN for a truth outside
// the domain: below 0 (Poisson), 0 or below (gamma).
[[nodiscard]] double poisson_deviance_of_row(double truth, std::span<const double> prediction);
[[nodiscard]] double poisson_deviance(const Scored& scored);
[[nodiscard]] double gamma_deviance_of_row(double truth, std::span<const double> prediction);
[[nodiscard]] double gamma_deviance(const Scored& scored);

}  // namespace astrolabe
