// SPDX-License-Identifier: Apache-2.0
// Adjusted p-values for several hypotheses: Holm's, Benjamini and Hochberg's.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "astrolabe/stats/interval.h"

namespace astrolabe {
namespace {

// A NaN counts as a hypothesis without evidence.
double counted(double p_value) {
  return std::isnan(p_value) ? 1.0 : p_value;
}

// The strongest evidence first.
std::vector<std::size_t> order_of(std::span<const double> p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return counted(p_values[i]); });
  return order;
}

}  // namespace

std::vector<double> holm_adjust(std::span<const double> p_values) {
  std::vector<double> adjusted(p_values.begin(), p_values.end());
  const std::vector<std::size_t> order = order_of(p_values);
  double largest = 0;
  for (std::size_t step = 0; step < order.size(); ++step) {
    const std::size_t i = order[step];
    largest = std::max(largest, static_cast<double>(order.size() - step) * counted(p_values[i]));
    if (!std::isnan(p_values[i])) adjusted[i] = std::min(1.0, largest);
  }
  return adjusted;
}

std::vector<double> benjamini_hochberg(std::span<const double> p_values) {
  std::vector<double> adjusted(p_values.begin(), p_values.end());
  const std::vector<std::size_t> order = order_of(p_values);
  double least = 1;
  for (std::size_t rank = order.size(); rank >= 1; --rank) {
    const std::size_t i = order[rank - 1];
    least =
        std::min(least, counted(p_values[i]) * static_cast<double>(order.size()) / static_cast<double>(rank));
    if (!std::isnan(p_values[i])) adjusted[i] = least;
  }
  return adjusted;
}

}  // namespace astrolabe
