// SPDX-License-Identifier: Apache-2.0
// Curves that a report draws: ROC, calibration, confusion. Pure; thread-safe.
#pragma once

#include <cstddef>
#include <vector>

#include "astrolabe/stats/metric.h"

namespace astrolabe {

struct RocPoint {
  double false_positive_rate = 0;
  double true_positive_rate = 0;
  double threshold = 0;
};
// From (0,0) to (1,1), ties as one step; thinned to at most `max_points` without moving the curve by more
// than 1/max_points.
[[nodiscard]] std::vector<RocPoint> roc_curve(const Scored& binary, std::size_t max_points = 200);

struct CalibrationBin {
  double mean_prediction = 0;
  double observed = 0;       // share of class 1
  double low = 0, high = 0;  // Wilson, 95 %
  double weight = 0;
};
// Bins of equal weight over the sorted predictions.
[[nodiscard]] std::vector<CalibrationBin> calibration_curve(const Scored& binary, std::size_t bins = 10);

// counts[truth * classes + predicted], weighted. Binary predictions are cut at 0.5.
struct Confusion {
  std::size_t classes = 0;
  std::vector<double> counts;
};
[[nodiscard]] Confusion confusion(const Scored& scored);

}  // namespace astrolabe
