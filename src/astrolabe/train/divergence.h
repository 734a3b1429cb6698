// SPDX-License-Identifier: Apache-2.0
// When a training has left the road.
//
//   DivergenceWatch watch;
//   if (watch.is_divergent(trainer.step())) ...   // not a number, or a thousand times what it began with
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>

namespace astrolabe {

class DivergenceWatch {
 public:
  // The first loss sets the scale.
  [[nodiscard]] bool is_divergent(double loss) {
    if (!std::isfinite(loss)) return true;
    if (!limit_) limit_ = kGrowth * (std::abs(loss) + 1);
    return loss > *limit_;
  }

 private:
  static constexpr double kGrowth = 1000;
  std::optional<double> limit_;
};

// Whether a loss ended far above where it began, which noise of batches does not explain.
[[nodiscard]] inline bool ended_worse(double first, double last) {
  return last > first + std::abs(first);
}

[[nodiscard]] inline bool all_finite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
}

}  // namespace astrolabe
