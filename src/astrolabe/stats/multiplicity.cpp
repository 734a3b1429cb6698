// SPDX-License-Identifier: Apache-2.0
// Holm's step-down adjustment for several hypotheses.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "astrolabe/stats/interval.h"

namespace astrolabe {

std::vector<double> holm_adjust(std::span<const double> p_values) {
  std::vector<double> adjusted(p_values.begin(), p_values.end());
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto strength = [&](std::size_t i) { return std::isnan(p_values[i]) ? 1.0 : p_values[i]; };
  std::ranges::stable_sort(order, {}, strength);
  double largest = 0;
  for (std::size_t step = 0; step < order.size(); ++step) {
    const std::size_t i = order[step];
    largest = std::max(largest, static_cast<double>(order.size() - step) * strength(i));
    if (!std::isnan(p_values[i])) adjusted[i] = std::min(1.0, largest);
  }
  return adjusted;
}

}  // namespace astrolabe
