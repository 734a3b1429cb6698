// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/stats/scored.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

bool has_nan(std::span<const double> values) {
  return std::any_of(values.begin(), values.end(), [](double value) { return std::isnan(value); });
}

}  // namespace

bool is_sound(const Scored& scored) {
  ASTROLABE_CHECK(scored.outputs > 0, "a prediction has at least one output");
  ASTROLABE_CHECK(scored.prediction.size() == scored.rows() * scored.outputs,
                  "predictions are [rows, outputs]");
  ASTROLABE_CHECK(scored.weight.empty() || scored.weight.size() == scored.rows(),
                  "weights are [rows] or empty");
  if (scored.rows() == 0 || has_nan(scored.truth) || has_nan(scored.prediction)) return false;
  if (scored.weight.empty()) return true;
  const double total = std::accumulate(scored.weight.begin(), scored.weight.end(), 0.0);
  return total > 0 && std::isfinite(total);
}

double mean_of_rows(const Scored& scored, double (*value)(double, std::span<const double>)) {
  if (!is_sound(scored)) return kUndefined;
  return weighted_mean(scored,
                       [&](std::size_t row) { return value(scored.truth[row], prediction_of(scored, row)); });
}

}  // namespace astrolabe
