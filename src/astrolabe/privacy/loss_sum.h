// SPDX-License-Identifier: Apache-2.0
// The privacy loss of many uses together: independent losses add up, so their distributions are convolved, by
// one fast Fourier transform for each kind of use.
//
//   const RepeatedLoss losses[] = {{.grid = &grid, .times = 14063}};
//   const LossSum sum = composed(losses, window_of(losses, 1e-15), 1e-15, 0, transform);
//   sum.delta(1.0);     // the delta that all together cost at epsilon 1
//   sum.epsilon(1e-5);  // and the other way round
//
// Source: Koskela, Jalko & Honkela, "Computing tight differential privacy guarantees using FFT", AISTATS
// 2020. Immutable; thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "astrolabe/privacy/loss_spectrum.h"

namespace astrolabe {

// On a window of losses that holds all but `cut` of the probability on either side. What lies above is
// infinite; the transform wraps around, so that what lies below turns up in the window: nothing is lost, and
// an upper bound stays one.
class LossSum {
 public:
  LossSum(LossGrid grid, double offset, double rounding);

  // P(S) - exp(epsilon) Q(S) at its largest. O(points).
  [[nodiscard]] double delta(double epsilon) const;
  // The least epsilon >= 0 whose delta is at most `delta`; infinite where there is none. O(points).
  [[nodiscard]] double epsilon(double delta) const;

  // By how much delta may be wrong because numbers have 53 bits (first order, times 4).
  [[nodiscard]] double rounding() const { return rounding_; }
  [[nodiscard]] const LossGrid& grid() const { return grid_; }
  // Added to every loss of the grid.
  [[nodiscard]] double offset() const { return offset_; }

 private:
  LossGrid grid_;
  double offset_ = 0;
  double rounding_ = 0;
};

// Where the sum lies but for `cut` of the probability on either side: Chernoff's bound, in grid steps.
struct LossWindow {
  std::int64_t first = 0, last = 0;
};
[[nodiscard]] LossWindow window_of(std::span<const RepeatedLoss> losses, double cut);

// All grids have one step; `window` is window_of(losses, cut); `offset` moves the losses of the sum. O(n log
// n) in the points of the window, plus those of the grids.
[[nodiscard]] LossSum composed(std::span<const RepeatedLoss> losses, const LossWindow& window, double cut,
                               double offset, RealTransform& transform);

}  // namespace astrolabe
