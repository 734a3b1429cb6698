// SPDX-License-Identifier: Apache-2.0
// The Fourier transform of many losses added up: of each loss its transform to a power, and their product.
//
//   const SumSpectrum spectrum = spectrum_of_sum(losses, length, transform);
//   spectrum.product[k], spectrum.shift          // of the sum less `shift` grid steps, on a circle of
//   `length`
//
// Many losses are smooth together: all but the lowest frequencies are next to nothing, and these few are
// summed by the definition. Which they are is known from a short transform: between its frequencies 2 pi / n
// apart the square of a characteristic function lies no further above both than variance (2 pi / n)^2 / 4, as
// its second derivative is at most twice the variance. So nothing is left out that has not been bounded.
#pragma once

#include <cstdint>
#include <span>

#include "astrolabe/privacy/loss_grid.h"
#include "astrolabe/privacy/real_transform.h"

namespace astrolabe {

struct RepeatedLoss {
  const LossGrid* grid = nullptr;
  std::uint64_t times = 1;
};

struct LossMoments {
  double mean = 0, variance = 0;  // of the finite losses, in grid steps
};
[[nodiscard]] LossMoments moments_of(const LossGrid& grid);

// Where a whole number lies on a circle of `length` points.
[[nodiscard]] std::size_t place_on_circle(std::int64_t at, std::size_t length);

struct SumSpectrum {
  Spectrum product;        // length / 2 + 1 frequencies
  std::int64_t shift = 0;  // near the mean of the sum
};
// A frequency below exp(-kNothingLog) counts as 0: all of them together are below what rounding does.
inline constexpr double kNothingLog = 50;
// `length` even. O(length log length); where few frequencies count, O(deviation of the sum) and about a
// nanosecond for each point of the grids and frequency that counts.
[[nodiscard]] SumSpectrum spectrum_of_sum(std::span<const RepeatedLoss> losses, std::size_t length,
                                          RealTransform& transform);

}  // namespace astrolabe
