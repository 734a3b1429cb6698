// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/stats/curve.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "astrolabe/base/error.h"
#include "astrolabe/stats/interval.h"
#include "astrolabe/stats/ranking.h"
#include "astrolabe/stats/scored.h"

namespace astrolabe {
namespace {

// Every threshold from the highest prediction down, one point per tie group.
std::vector<RocPoint> full_roc_curve(const Ranking& ranking) {
  std::vector<RocPoint> points{{0, 0, std::numeric_limits<double>::infinity()}};
  double negatives = 0, positives = 0;
  for (std::size_t i = ranking.rows.size(); i > 0; --i) {
    const RankedRow& row = ranking.rows[i - 1];
    (row.positive ? positives : negatives) += row.weight;
    if (i > 1 && ranking.rows[i - 2].prediction == row.prediction) continue;
    points.push_back(
        {negatives / ranking.negative_weight, positives / ranking.positive_weight, row.prediction});
  }
  // Summed in another order than the totals, the last point may miss the corner by rounding.
  points.back().false_positive_rate = points.back().true_positive_rate = 1;
  return points;
}

// The curve climbs from length 0 to 2 along both axes together. Between two samples it stays within the right
// triangle over their chord, whose height is at most their distance / sqrt(8).
std::vector<RocPoint> sample_along(const std::vector<RocPoint>& curve, std::size_t count) {
  const auto length = [](const RocPoint& p) { return p.false_positive_rate + p.true_positive_rate; };
  std::vector<RocPoint> samples{curve.front()};
  std::size_t next = 1;
  for (std::size_t k = 1; k + 1 < count; ++k) {
    const double wanted = 2 * static_cast<double>(k) / static_cast<double>(count - 1);
    while (next + 1 < curve.size() && length(curve[next]) < wanted) ++next;
    const RocPoint &from = curve[next - 1], &to = curve[next];
    const double part = (wanted - length(from)) / (length(to) - length(from));
    samples.push_back({from.false_positive_rate + part * (to.false_positive_rate - from.false_positive_rate),
                       from.true_positive_rate + part * (to.true_positive_rate - from.true_positive_rate),
                       to.threshold});
  }
  samples.push_back(curve.back());
  return samples;
}

// Sums over the rows of one bin.
struct BinSums {
  double weight = 0, squares = 0, predictions = 0, positives = 0;

  void add(const RankedRow& row) {
    weight += row.weight;
    squares += row.weight * row.weight;
    predictions += row.weight * row.prediction;
    positives += row.positive ? row.weight : 0;
  }

  [[nodiscard]] CalibrationBin bin() const {
    const double rows = weight * weight / squares, share = positives / weight;
    const Estimate wilson = wilson_interval(share * rows, rows);
    return {predictions / weight, share, wilson.low, wilson.high, weight};
  }
};

}  // namespace

std::vector<RocPoint> roc_curve(const Scored& binary, std::size_t max_points) {
  ASTROLABE_CHECK(max_points >= 4, "fewer points cannot follow a curve");
  if (!is_sound(binary)) return {};
  const Ranking ranking = rank(binary);
  if (!(ranking.positive_weight > 0) || !(ranking.negative_weight > 0)) return {};
  std::vector<RocPoint> curve = full_roc_curve(ranking);
  return curve.size() <= max_points ? curve : sample_along(curve, max_points);
}

std::vector<CalibrationBin> calibration_curve(const Scored& binary, std::size_t bins) {
  ASTROLABE_CHECK(bins >= 1, "a calibration curve has a bin");
  if (!is_sound(binary)) return {};
  const Ranking ranking = rank(binary);
  const double total = ranking.positive_weight + ranking.negative_weight;
  std::vector<CalibrationBin> result;
  BinSums sums;
  std::size_t current = 0;
  double below = 0;
  for (std::size_t begin = 0; begin < ranking.rows.size();) {
    const std::size_t end = end_of_ties(ranking, begin);
    double weight = 0;
    for (std::size_t i = begin; i < end; ++i) weight += ranking.rows[i].weight;
    // A group of ties goes where its middle lies.
    const double middle = (below + weight / 2) / total;
    const auto bin = static_cast<std::size_t>(middle * static_cast<double>(bins));
    if (bin != current && sums.weight > 0) {
      result.push_back(sums.bin());
      sums = {};
    }
    current = bin;
    for (std::size_t i = begin; i < end; ++i) sums.add(ranking.rows[i]);
    below += weight;
    begin = end;
  }
  result.push_back(sums.bin());
  return result;
}

double calibration_error(std::span<const CalibrationBin> bins) {
  double weight = 0, distance = 0;
  for (const CalibrationBin& bin : bins) {
    weight += bin.weight;
    distance += bin.weight * std::abs(bin.observed - bin.mean_prediction);
  }
  return weight > 0 ? distance / weight : kUndefined;
}

Confidences confidences(const Scored& scored) {
  Confidences result{.truth = {}, .prediction = {}, .weight = scored.weight};
  for (std::size_t row = 0; row < scored.rows(); ++row) {
    const std::span<const double> own = prediction_of(scored, row);
    const std::size_t named = predicted_class(own);
    result.truth.push_back(named == true_class(scored, scored.truth[row]) ? 1 : 0);
    result.prediction.push_back(own.size() == 1 ? std::max(own[0], 1 - own[0]) : own[named]);
  }
  return result;
}

Confusion confusion(const Scored& scored) {
  const std::size_t classes = class_count(scored);
  Confusion result{.classes = classes, .counts = std::vector<double>(classes * classes)};
  if (!is_sound(scored)) return result;
  for (std::size_t row = 0; row < scored.rows(); ++row) {
    const std::size_t truth = true_class(scored, scored.truth[row]);
    if (truth == classes) continue;
    result.counts[truth * classes + predicted_class(prediction_of(scored, row))] += weight_of(scored, row);
  }
  return result;
}

}  // namespace astrolabe
