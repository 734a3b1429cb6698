// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/stats/class_scores.h"

#include "astrolabe/stats/curve.h"
#include "astrolabe/stats/ranking.h"
#include "astrolabe/stats/scored.h"

namespace astrolabe {
namespace {

constexpr std::size_t kMostProbabilities = 20'000'000;  // that are sorted for AUCs

double ratio(double part, double whole) {
  return whole > 0 ? part / whole : kUndefined;
}

// The probability of one class against all others.
double auc_of_class(const Scored& scored, std::size_t index) {
  std::vector<double> truth, prediction;
  truth.reserve(scored.rows());
  prediction.reserve(scored.rows());
  for (std::size_t row = 0; row < scored.rows(); ++row) {
    truth.push_back(true_class(scored, scored.truth[row]) == index ? 1 : 0);
    const std::span<const double> own = prediction_of(scored, row);
    prediction.push_back(own.size() > 1 ? own[index] : index == 1 ? own[0] : 1 - own[0]);
  }
  return area_under_roc(
      rank({.truth = truth, .prediction = prediction, .outputs = 1, .weight = scored.weight}));
}

}  // namespace

std::vector<ClassScore> class_scores(const Scored& scored) {
  const Confusion counts = confusion(scored);
  const std::size_t classes = counts.classes;
  std::vector<ClassScore> scores(classes);
  std::vector<double> hits(classes, 0.0);
  for (std::size_t truth = 0; truth < classes; ++truth) {
    for (std::size_t predicted = 0; predicted < classes; ++predicted) {
      const double count = counts.counts[truth * classes + predicted];
      scores[truth].rows += count;
      scores[predicted].predicted += count;
      if (truth == predicted) hits[truth] = count;
    }
  }
  const bool has_auc = is_sound(scored) && scored.rows() * classes <= kMostProbabilities;
  for (std::size_t i = 0; i < classes; ++i) {
    ClassScore& score = scores[i];
    score.precision = ratio(hits[i], score.predicted);
    score.recall = ratio(hits[i], score.rows);
    score.f1 = ratio(2 * hits[i], score.rows + score.predicted);
    score.auc = has_auc ? auc_of_class(scored, i) : kUndefined;
  }
  return scores;
}

std::vector<ThresholdScore> threshold_scores(const Scored& binary, std::span<const double> thresholds) {
  std::vector<ThresholdScore> scores;
  if (!is_sound(binary)) return scores;
  for (const double threshold : thresholds) {
    double total = 0, positives = 0, flagged = 0, hits = 0;
    for (std::size_t row = 0; row < binary.rows(); ++row) {
      const double weight = weight_of(binary, row);
      const bool is_positive = binary.truth[row] > 0.5;
      const bool is_flagged = binary.prediction[row] >= threshold;
      total += weight;
      positives += is_positive ? weight : 0;
      flagged += is_flagged ? weight : 0;
      hits += is_positive && is_flagged ? weight : 0;
    }
    scores.push_back({.threshold = threshold,
                      .flagged = ratio(flagged, total),
                      .precision = ratio(hits, flagged),
                      .recall = ratio(hits, positives),
                      .false_positive_rate = ratio(flagged - hits, total - positives),
                      .f1 = ratio(2 * hits, flagged + positives)});
  }
  return scores;
}

double average_precision(const Scored& binary) {
  if (!is_sound(binary)) return kUndefined;
  const Ranking ranking = rank(binary);
  if (!(ranking.positive_weight > 0)) return kUndefined;
  double hits = 0, flagged = 0, group_hits = 0, area = 0;
  for (std::size_t i = ranking.rows.size(); i > 0; --i) {
    const RankedRow& row = ranking.rows[i - 1];
    flagged += row.weight;
    group_hits += row.positive ? row.weight : 0;
    if (i > 1 && ranking.rows[i - 2].prediction == row.prediction) continue;
    hits += group_hits;
    if (flagged > 0) area += group_hits / ranking.positive_weight * (hits / flagged);
    group_hits = 0;
  }
  return area;
}

}  // namespace astrolabe
