// SPDX-License-Identifier: Apache-2.0
// Each class by itself, and what cutting a probability elsewhere than at 0.5 would do. Pure; thread-safe.
//
//   for (const ClassScore& score : class_scores(scored)) show(score.precision, score.recall);
//   for (const ThresholdScore& cut : threshold_scores(binary, std::array{0.2, 0.5, 0.8})) show(cut.f1);
//
// Rows that a metric could not be computed of (none, no weight, a NaN) give scores that are undefined (NaN),
// and counts of 0.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "astrolabe/stats/metric.h"

namespace astrolabe {

// Weighted throughout.
struct ClassScore {
  double rows = 0;       // that are of it
  double predicted = 0;  // that are said to be of it
  double precision = 0;  // of those that are said to be of it, the share that is; NaN: none is said to be
  double recall = 0;     // of those that are of it, the share that is said to be; NaN: none is
  double f1 = 0;         // NaN: none is, and none is said to be
  double auc = 0;        // of its probability against all other classes; NaN where it cannot be computed
};
// [classes]; both of a binary task. Cost: O(n) and for each AUC O(n log n); where rows x classes exceed 2e7
// there is none (NaN).
[[nodiscard]] std::vector<ClassScore> class_scores(const Scored& scored);

// What comes of calling class 1 what has at least this probability.
struct ThresholdScore {
  double threshold = 0;
  double flagged = 0;    // share of the rows that are called class 1
  double precision = 0;  // NaN: nothing is
  double recall = 0;     // NaN: nothing is of class 1
  double false_positive_rate = 0;
  double f1 = 0;
};
// O(thresholds x n).
[[nodiscard]] std::vector<ThresholdScore> threshold_scores(const Scored& binary,
                                                           std::span<const double> thresholds);

// The area under the steps of precision over recall; ties as one step. NaN when nothing is of class 1. O(n
// log n).
[[nodiscard]] double average_precision(const Scored& binary);

}  // namespace astrolabe
