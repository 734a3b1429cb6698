// SPDX-License-Identifier: Apache-2.0
// Curves that a report draws: ROC, calibration, confusion. Pure; thread-safe.
//
//   for (const RocPoint& point : roc_curve(scored)) line_to(point.false_positive_rate,
//   point.true_positive_rate); for (const CalibrationBin& bin : calibration_curve(scored))
//   dot(bin.mean_prediction, bin.observed);
//   const Confidences sure = confidences(of_classes);     // then calibration_curve(sure.scored())
//
// Rows that a metric could not be computed of (none, no weight, a NaN) give an empty curve, or counts that
// are all 0.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "astrolabe/stats/metric.h"

namespace astrolabe {

struct RocPoint {
  double false_positive_rate = 0;
  double true_positive_rate = 0;
  double threshold = 0;  // predictions at or above it are called positive; infinite at (0, 0)
};
// From (0,0) to (1,1), ties as one step. Above `max_points` (at least 4) it is sampled at equal distances
// along the curve, so that no point of it moves by more than 1/max_points. Empty when a class is missing. O(n
// log n).
[[nodiscard]] std::vector<RocPoint> roc_curve(const Scored& binary, std::size_t max_points = 200);

struct CalibrationBin {
  double mean_prediction = 0;
  double observed = 0;       // share of class 1
  double low = 0, high = 0;  // Wilson, 95 %
  double weight = 0;
};
// Bins of equal weight over the sorted predictions, as nearly as ties allow: equal predictions share a bin,
// so there may be fewer than `bins` (at least 1). O(n log n).
[[nodiscard]] std::vector<CalibrationBin> calibration_curve(const Scored& binary, std::size_t bins = 10);

// The mean distance between what was predicted and what happened, over the bins by their weight: the expected
// calibration error (Naeini et al., AAAI 2015). NaN without bins.
[[nodiscard]] double calibration_error(std::span<const CalibrationBin> bins);

// Of several classes, the likeliest one as a question of its own: the probability that it was given, and 1
// where it was right (Guo et al., "On calibration of modern neural networks", ICML 2017).
struct Confidences {
  std::vector<double> truth, prediction;
  std::span<const double> weight;  // those of the rows

  [[nodiscard]] Scored scored() const {
    return {.truth = truth, .prediction = prediction, .outputs = 1, .weight = weight};
  }
};
[[nodiscard]] Confidences confidences(const Scored& scored);

// counts[truth * classes + predicted], weighted. Binary predictions are cut at 0.5 (predicted_class). Rows
// whose truth names no class are not counted.
struct Confusion {
  std::size_t classes = 0;
  std::vector<double> counts;
};
[[nodiscard]] Confusion confusion(const Scored& scored);

}  // namespace astrolabe
