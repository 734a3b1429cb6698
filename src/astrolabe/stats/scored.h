// SPDX-License-Identifier: Apache-2.0
// What every metric asks of its rows: are they sound, what do they weigh, what is their mean. Pure;
// thread-safe.
//
//   if (!is_sound(scored)) return kUndefined;
//   double share = weighted_mean(scored, [&](std::size_t row) { return scored.truth[row]; });
#pragma once

#include <limits>

#include "astrolabe/stats/metric.h"

namespace astrolabe {

inline constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

// True when there are rows, some weight, and no NaN. Spans that do not fit together are a bug of the caller
// (InternalError). Cost: one pass.
[[nodiscard]] bool is_sound(const Scored& scored);

[[nodiscard]] inline double weight_of(const Scored& scored, std::size_t row) {
  return scored.weight.empty() ? 1.0 : scored.weight[row];
}

[[nodiscard]] inline std::span<const double> prediction_of(const Scored& scored, std::size_t row) {
  return scored.prediction.subspan(row * scored.outputs, scored.outputs);
}

[[nodiscard]] inline std::size_t class_count(const Scored& scored) {
  return scored.outputs == 1 ? 2 : scored.outputs;
}

// The class that a truth names, or class_count() when it names none.
[[nodiscard]] inline std::size_t true_class(const Scored& scored, double truth) {
  const std::size_t classes = class_count(scored);
  return truth >= 0 && truth < static_cast<double>(classes) ? static_cast<std::size_t>(truth) : classes;
}

// Sums in row order. Rows without weight take no part, so that their value may be NaN.
template <class ValueOfRow>
[[nodiscard]] double weighted_mean(const Scored& scored, ValueOfRow value_of_row) {
  double sum = 0, total = 0;
  for (std::size_t row = 0; row < scored.rows(); ++row) {
    const double weight = weight_of(scored, row);
    if (weight == 0) continue;
    sum += weight * value_of_row(row);
    total += weight;
  }
  return sum / total;
}

// The weighted mean of a value that each row has; NaN when the rows are not sound.
[[nodiscard]] double mean_of_rows(const Scored& scored, double (*value)(double, std::span<const double>));

}  // namespace astrolabe
