// SPDX-License-Identifier: Apache-2.0
// The metrics of classes: the `compute` and `row_loss` that metric.cpp lists (metric.h says what they take).
// A truth that names no class counts as a wrong prediction. Pure; thread-safe.
#pragma once

#include <span>

#include "astrolabe/stats/metric.h"

namespace astrolabe {

[[nodiscard]] double auc(const Scored& binary);

// -log of the probability given to the truth, clipped to [1e-15, 1 - 1e-15].
[[nodiscard]] double log_loss_of_row(double truth, std::span<const double> prediction);
[[nodiscard]] double log_loss(const Scored& scored);

// Binary: (p - y)^2. Multiclass: the sum of these over the classes, so between 0 and 2 (Brier 1950).
[[nodiscard]] double brier_of_row(double truth, std::span<const double> prediction);
[[nodiscard]] double brier(const Scored& scored);

[[nodiscard]] double accuracy_of_row(double truth, std::span<const double> prediction);
[[nodiscard]] double accuracy(const Scored& scored);

// Binary: of class 1. Multiclass: the mean of F1 over the classes that occur in truth or prediction. NaN when
// no class does (binary: nobody is and nobody is said to be of class 1).
[[nodiscard]] double f1(const Scored& scored);

// The mean of recall over the classes that occur in truth.
[[nodiscard]] double balanced_accuracy(const Scored& scored);

}  // namespace astrolabe
