// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evaluate/residual_range.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace astrolabe {
namespace {

double interval_score(double residual, const ResidualRange& range, double coverage) {
  const double outside = std::max({0.0, range.low - residual, residual - range.high});
  return range.high - range.low + 2 / (1 - coverage) * outside;
}

}  // namespace

ResidualRange residual_range(std::span<const double> residuals, double coverage) {
  if (residuals.empty()) return {};
  std::vector<double> sorted(residuals.begin(), residuals.end());
  std::sort(sorted.begin(), sorted.end());
  const double tail = (1 - coverage) / 2;
  const auto n = static_cast<double>(sorted.size());
  // The k-th smallest of n is exceeded by a fresh one with probability 1 - k / (n + 1).
  const double low_rank = std::max(1.0, std::floor(tail * (n + 1)));
  const double high_rank = std::min(n, std::ceil((1 - tail) * (n + 1)));
  return {sorted[static_cast<std::size_t>(low_rank) - 1], sorted[static_cast<std::size_t>(high_rank) - 1]};
}

bool are_ranges_better(std::span<const double> residuals, std::span<const double> spreads, double coverage) {
  std::vector<double> units;
  for (std::size_t i = 0; i < residuals.size(); ++i) units.push_back(residuals[i] / spreads[i]);
  const ResidualRange one = residual_range(residuals, coverage), unit = residual_range(units, coverage);
  const auto n = static_cast<double>(residuals.size());
  double sum = 0, squares = 0, width = 0;
  for (std::size_t i = 0; i < residuals.size(); ++i) {
    const double gain =
        interval_score(residuals[i], one, coverage) - spreads[i] * interval_score(units[i], unit, coverage);
    sum += gain;
    squares += gain * gain;
    width += spreads[i] * (unit.high - unit.low);
  }
  const double variance = std::max(0.0, squares / n - sum / n * (sum / n));
  return width / n < one.high - one.low && sum / n > 2 * std::sqrt(variance / n);
}

}  // namespace astrolabe
