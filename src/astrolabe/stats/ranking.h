// SPDX-License-Identifier: Apache-2.0
// Rows of a binary task in the order of their predictions, and what follows from the order: the AUC and its
// variance.
//
//   Ranking ranking = rank(scored);
//   double area = area_under_roc(ranking);
//
// Ties count as half. Source of the variance: DeLong, DeLong & Clarke-Pearson, Biometrics 1988, from ranks in
// O(n log n): Sun & Xu, IEEE Signal Processing Letters 2014. Pure; thread-safe.
#pragma once

#include <cstddef>
#include <vector>

#include "astrolabe/stats/metric.h"

namespace astrolabe {

struct RankedRow {
  double prediction = 0;
  double weight = 0;
  std::size_t row = 0;
  bool positive = false;
};

struct Ranking {
  std::vector<RankedRow> rows;  // ascending prediction, then row
  double positive_weight = 0;
  double negative_weight = 0;
};

// `binary` is sound (scored.h). Cost: O(n log n), O(n) when the predictions ascend already.
[[nodiscard]] Ranking rank(const Scored& binary);

// The end of the tie group that begins at `begin`.
[[nodiscard]] std::size_t end_of_ties(const Ranking& ranking, std::size_t begin);

// P(prediction of a positive > prediction of a negative) + P(equal) / 2. NaN when a class has no weight.
[[nodiscard]] double area_under_roc(const Ranking& ranking);

// For each row, the share of the other class that it is ordered rightly against, ties as half. Weights are
// ignored. Their mean over either class is the AUC; their variances give its variance.
[[nodiscard]] std::vector<double> placements(const Ranking& ranking);

// The standard error of the mean difference over positives and over negatives of two sets of placements (`b`
// empty: of `a` alone). NaN with fewer than two rows of a class.
[[nodiscard]] double delong_error(const Scored& binary, const std::vector<double>& a,
                                  const std::vector<double>& b);

}  // namespace astrolabe
