// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evaluate/residual_range.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace astrolabe {

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

}  // namespace astrolabe
