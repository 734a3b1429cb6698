// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/linear/design.h"

#include <algorithm>
#include <cmath>

namespace astrolabe::linear {

namespace {

double center_of(const FeatureColumn& column, std::span<const double> weights, double total) {
  const auto [low, high] = std::minmax_element(column.dense.begin(), column.dense.end());
  if (column.dense.empty()) return 0;
  if (*low == *high) return *low;  // exactly, so that a constant becomes zeros
  double sum = 0;
  for (std::size_t row = 0; row < column.dense.size(); ++row) sum += weights[row] * column.dense[row];
  return sum / total;
}

}  // namespace

Design::Design(const FeatureMatrix& features, std::span<const double> weights) : features_(features) {
  double total = 0;
  for (const double weight : weights) total += weight;
  for (std::size_t feature = 0; feature < features.features(); ++feature) {
    const FeatureColumn& column = features.columns[feature];
    centers_.push_back(column.is_sparse ? 0.0 : center_of(column, weights, total));
    nonzeros_ += column.is_sparse ? column.sparse_rows.size() : column.dense.size();
    double sum = 0;
    double square = 0;
    visit(feature, [&](std::size_t row, double x) {
      sum += weights[row] * x;
      square += weights[row] * x * x;
    });
    const double variance = (square - sum * sum / total) / total;
    // Below this share of the square the difference is rounding.
    spreads_.push_back(variance > 1e-13 * square / total ? std::sqrt(variance) : 0.0);
  }
}

}  // namespace astrolabe::linear
