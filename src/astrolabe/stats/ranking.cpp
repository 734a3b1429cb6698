// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/stats/ranking.h"

#include <algorithm>
#include <cmath>

#include "astrolabe/stats/scored.h"

namespace astrolabe {
namespace {

bool ranks_before(const RankedRow& a, const RankedRow& b) {
  return a.prediction != b.prediction ? a.prediction < b.prediction : a.row < b.row;
}

}  // namespace

Ranking rank(const Scored& binary) {
  Ranking ranking;
  ranking.rows.reserve(binary.rows());
  for (std::size_t row = 0; row < binary.rows(); ++row) {
    const double weight = weight_of(binary, row);
    if (weight == 0) continue;
    const bool positive = binary.truth[row] > 0.5;
    ranking.rows.push_back({binary.prediction[row], weight, row, positive});
    (positive ? ranking.positive_weight : ranking.negative_weight) += weight;
  }
  if (!std::is_sorted(ranking.rows.begin(), ranking.rows.end(), ranks_before)) {
    std::sort(ranking.rows.begin(), ranking.rows.end(), ranks_before);
  }
  return ranking;
}

std::size_t end_of_ties(const Ranking& ranking, std::size_t begin) {
  std::size_t end = begin + 1;
  while (end < ranking.rows.size() && ranking.rows[end].prediction == ranking.rows[begin].prediction) ++end;
  return end;
}

double area_under_roc(const Ranking& ranking) {
  if (!(ranking.positive_weight > 0) || !(ranking.negative_weight > 0)) return kUndefined;
  double area = 0, negatives_below = 0;
  for (std::size_t begin = 0; begin < ranking.rows.size();) {
    const std::size_t end = end_of_ties(ranking, begin);
    double positives = 0, negatives = 0;
    for (std::size_t i = begin; i < end; ++i) {
      (ranking.rows[i].positive ? positives : negatives) += ranking.rows[i].weight;
    }
    area += positives * (negatives_below + negatives / 2);
    negatives_below += negatives;
    begin = end;
  }
  return area / ranking.positive_weight / negatives_below;
}

std::vector<double> placements(const Ranking& ranking) {
  std::vector<double> result(ranking.rows.size());
  const auto is_positive = [](const RankedRow& row) { return row.positive; };
  const auto positives = static_cast<double>(std::ranges::count_if(ranking.rows, is_positive));
  const double negatives = static_cast<double>(ranking.rows.size()) - positives;
  double positives_below = 0, negatives_below = 0;
  for (std::size_t begin = 0; begin < ranking.rows.size();) {
    const std::size_t end = end_of_ties(ranking, begin);
    const auto first = ranking.rows.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto tied_positives = static_cast<double>(
        std::count_if(first, first + static_cast<std::ptrdiff_t>(end - begin), is_positive));
    const double tied_negatives = static_cast<double>(end - begin) - tied_positives;
    const double of_positive = (negatives_below + tied_negatives / 2) / negatives;
    const double of_negative = (positives - positives_below - tied_positives / 2) / positives;
    for (std::size_t i = begin; i < end; ++i) {
      result[ranking.rows[i].row] = ranking.rows[i].positive ? of_positive : of_negative;
    }
    positives_below += tied_positives;
    negatives_below += tied_negatives;
    begin = end;
  }
  return result;
}

double delong_error(const Scored& binary, const std::vector<double>& a, const std::vector<double>& b) {
  const auto difference = [&](std::size_t row) { return b.empty() ? a[row] : a[row] - b[row]; };
  double count[2] = {}, mean[2] = {}, squares[2] = {};
  for (std::size_t row = 0; row < a.size(); ++row) {
    const std::size_t side = binary.truth[row] > 0.5;
    ++count[side];
    mean[side] += difference(row);
  }
  if (count[0] < 2 || count[1] < 2) return kUndefined;
  for (std::size_t side = 0; side < 2; ++side) mean[side] /= count[side];
  for (std::size_t row = 0; row < a.size(); ++row) {
    const std::size_t side = binary.truth[row] > 0.5;
    const double deviation = difference(row) - mean[side];
    squares[side] += deviation * deviation;
  }
  return std::sqrt(squares[0] / (count[0] - 1) / count[0] + squares[1] / (count[1] - 1) / count[1]);
}

}  // namespace astrolabe
