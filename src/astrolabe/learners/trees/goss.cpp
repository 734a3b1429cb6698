// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/goss.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace astrolabe::trees {

std::vector<std::uint32_t> sample_by_gradient(std::span<const std::uint32_t> rows, const GossShares& shares,
                                              Key key, std::size_t outputs, std::span<GradientPair> pairs) {
  const auto count = static_cast<double>(rows.size());
  const std::size_t stride = pairs.size() / outputs;
  const auto kept = static_cast<std::size_t>(std::ceil(shares.top * count));
  const double drawn_share =
      rows.size() > kept ? shares.rest * count / (count - static_cast<double>(kept)) : 1;
  if (drawn_share >= 1) return {rows.begin(), rows.end()};

  std::vector<double> sizes(rows.size(), 0.0);
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t output = 0; output < outputs; ++output)
      sizes[i] += std::abs(pairs[output * stride + rows[i]].gradient);
  double threshold = 0;
  std::size_t ties = 0;  // rows of exactly the threshold that are kept
  if (kept > 0) {
    std::vector<double> ordered = sizes;
    const auto last = ordered.begin() + static_cast<std::ptrdiff_t>(kept) - 1;
    std::ranges::nth_element(ordered, last, std::greater{});
    threshold = *last;
    const auto above = std::ranges::count_if(sizes, [&](double size) { return size > threshold; });
    ties = kept - static_cast<std::size_t>(above);
  }

  std::vector<std::uint32_t> sample;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    bool is_kept = kept > 0 && sizes[i] > threshold;
    if (!is_kept && ties > 0 && sizes[i] == threshold) {
      --ties;
      is_kept = true;
    }
    if (!is_kept && random_uniform(key, rows[i]) >= drawn_share) continue;
    sample.push_back(rows[i]);
    if (is_kept) continue;
    for (std::size_t output = 0; output < outputs; ++output) {
      GradientPair& pair = pairs[output * stride + rows[i]];
      pair.gradient /= drawn_share;
      pair.hessian /= drawn_share;
    }
  }
  if (sample.empty()) sample.push_back(rows.front());
  return sample;
}

}  // namespace astrolabe::trees
