// SPDX-License-Identifier: Apache-2.0
// Scores against how much was spent (rows, trials, seconds), and what more of it would bring.
//
//   const std::vector<CurvePoint> points = {{250, {0.61, 0.63}}, {500, {0.58, 0.57}}, {1000, {0.55, 0.56}}};
//   const LearningCurve curve = fit_learning_curve(points, false, {2000, 4000}, key);
//   curve.law.at(1e9)                 // what the curve goes to
//   curve.forecasts[0].score          // at 2,000 rows, with its interval
//   curve.forecasts[0].gain           // against the last point, above 0 where it is better
//
// A power law, limit + distance * size^-rate, by least squares on the means: rate on a grid, the other two in
// closed form, distance never of the sign that would make more worse. Intervals: the percentiles of laws
// fitted to resampled seeds (a seed keeps its rows at every size, so all sizes are resampled together), each
// with the residuals of the law drawn anew on top. Few seeds make rough intervals, and no interval knows
// whether the law holds further out: a forecast beyond ten times the largest size is refused.
// Source: Hestness et al., "Deep learning scaling is predictable, empirically", 2017; Viering and Loog, "The
// shape of learning curves", TPAMI 2023. Pure; thread-safe. Cost: some milliseconds.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/stats/interval.h"

namespace astrolabe {

struct CurvePoint {
  double size = 0;             // above 0
  std::vector<double> scores;  // [seeds], the same seeds at every size; at least one
};

struct PowerLaw {
  double limit = 0, distance = 0, rate = 1;

  [[nodiscard]] double at(double size) const;
};

struct Forecast {
  double size = 0;
  Estimate score;
  Estimate gain;  // over the law at the largest size; above 0: better
};

struct LearningCurve {
  PowerLaw law;
  double residual = 0;  // root mean square of the means around the law
  std::vector<Forecast> forecasts;
};

// `ideal`: the best score that there is; no law passes it. At least three sizes, all different, with equally
// many seeds (ASTROLABE_CHECK); `sizes` at most ten times the largest.
[[nodiscard]] LearningCurve fit_learning_curve(std::span<const CurvePoint> points, bool higher_is_better,
                                               std::span<const double> sizes, Key key,
                                               std::optional<double> ideal = {});

// The best of `size` trials on average, for each size: the exact mean over which `size` of the scores were
// tried (Dodge et al., "Show your work", EMNLP 2019). Sizes from 1 to as many as there are scores.
[[nodiscard]] std::vector<double> expected_best(std::span<const double> scores, bool higher_is_better,
                                                std::span<const std::size_t> sizes);

}  // namespace astrolabe
