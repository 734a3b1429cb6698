// SPDX-License-Identifier: Apache-2.0
// The mean of a value that each row has, with its standard error: the ground of Student's t for means of row
// losses.
//
//   MeanWithError m = mean_with_error(differences, weight);
//   double reach = student_t_quantile(0.975, m.effective_rows - 1) * m.error;
//
// Weights say how much a row counts, not how often it was seen: rows of unequal weight are worth
// (sum w)^2 / sum w^2 rows (Kish, "Survey Sampling", 1965). Pure; thread-safe; O(n).
#pragma once

#include <span>

namespace astrolabe {

struct MeanWithError {
  double mean = 0;
  double error = 0;  // standard error; NaN for one effective row or fewer
  double effective_rows = 0;
};

// `weight` is [rows], or empty: all 1.
[[nodiscard]] MeanWithError mean_with_error(std::span<const double> values, std::span<const double> weight);

[[nodiscard]] double effective_rows(std::size_t rows, std::span<const double> weight);

}  // namespace astrolabe
