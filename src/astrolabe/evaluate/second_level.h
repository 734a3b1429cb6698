// SPDX-License-Identifier: Apache-2.0
// A second level: the predictions of several systems, put together by weights that were fitted on predictions
// of rows which the systems below did not train on.
//
//   SecondLevel level = fit_second_level(TaskKind::binary, systems, rows, {0.5, 0.5});
//   std::vector<double> out(rows * outputs, 0.0);
//   for (std::size_t s = 0; s < predictions.size(); ++s) level.add(s, predictions[s], out);
//   level.finish(out, outputs);
//
// The weights count on the scale of scores: log-odds of two classes, log probabilities of several, the value
// of a regression. None is negative (Breiman, "Stacked regressions", Machine Learning 1996). That is what
// makes a level of so few numbers hard to fool: a prediction of a row out of fold falls where its own target
// would have raised it, and only a negative weight could read the target back from that.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "astrolabe/stats/metric.h"

namespace astrolabe {

// Thread-safe.
struct SecondLevel {
  TaskKind kind = TaskKind::regression;
  std::vector<double> weights;  // [systems], none negative
  double bias = 0;              // on the scale of scores; 0 with several classes

  // Adds to `scores` what a system says, both [rows, outputs]. The first system finds zeros there.
  void add(std::size_t system, std::span<const double> predictions, std::span<double> scores) const;
  // Turns sums of scores into predictions, in place.
  void finish(std::span<double> scores, std::size_t outputs) const;
};

// Out-of-fold predictions of systems that judged the same rows.
struct SystemPredictions {
  std::vector<std::vector<double>> of;  // [systems] of [rows, outputs]
  std::vector<double> truth, weight;    // [rows]; no weight: all 1
  std::size_t outputs = 1;
};

// So many systems at most: every set of them is tried for those whose weight is above zero.
inline constexpr std::size_t kMostSystems = 6;

// Least log loss, or squares, on the rows at `places` (of many, every so manyth), with a slight pull towards
// the weights `towards`. One to kMostSystems systems; some row has weight. Cost: rows x outputs x systems^2,
// ten times or so. Pure.
[[nodiscard]] SecondLevel fit_second_level(TaskKind kind, const SystemPredictions& systems,
                                           std::span<const std::size_t> places,
                                           std::span<const double> towards);

}  // namespace astrolabe
