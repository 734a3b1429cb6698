// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/stats/row_mean.h"

#include <cmath>

#include "astrolabe/stats/scored.h"

namespace astrolabe {

double effective_rows(std::size_t rows, std::span<const double> weight) {
  if (weight.empty()) return static_cast<double>(rows);
  double total = 0, squares = 0;
  for (const double w : weight) {
    total += w;
    squares += w * w;
  }
  return total * total / squares;
}

MeanWithError mean_with_error(std::span<const double> values, std::span<const double> weight) {
  const Scored rows{.truth = values, .prediction = values, .weight = weight};
  MeanWithError result;
  result.mean = weighted_mean(rows, [&](std::size_t row) { return values[row]; });
  result.effective_rows = effective_rows(values.size(), weight);
  double total = 0, squares = 0;
  for (std::size_t row = 0; row < values.size(); ++row) {
    const double w = weight_of(rows, row);
    if (w == 0) continue;
    const double deviation = w * (values[row] - result.mean);
    total += w;
    squares += deviation * deviation;
  }
  const double n = result.effective_rows;
  result.error = n > 1 ? std::sqrt(squares * n / (n - 1)) / total : kUndefined;
  return result;
}

}  // namespace astrolabe
