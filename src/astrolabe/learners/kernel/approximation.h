// SPDX-License-Identifier: Apache-2.0
// How near the features are to the kernel: measured between rows of the sample, beside what theory promises.
//
//   const ApproximationError error = measure_error(choice, *map, x, rows);
//   error.mean, error.most   // |z(x)'z(y) - k(x, y)| over all pairs
//   error.pairs_bound        // no pair of the sample is further off, with probability 95 %
#pragma once

#include <cstddef>
#include <span>

#include "astrolabe/learners/kernel/feature_map.h"

namespace astrolabe::kernel {

// Errors are in units of the mean k(x, x), which is 1 for kernels of a distance. Bounds are 0 where there is
// none.
struct ApproximationError {
  double mean = 0;
  double most = 0;
  double pairs_bound = 0;  // for all pairs measured; of nystroem it is certain
  double space_bound = 0;  // for all pairs of rows as far apart as these; above 2 it says nothing
};

// x: [rows, inputs], at least one row. Cost: rows^2 (inputs + outputs).
[[nodiscard]] ApproximationError measure_error(const KernelChoice& choice, const FeatureMap& map,
                                               std::span<const float> x, std::size_t rows);

// The e at which the chance that any of `pairs` is further off is 5 %: 2 pairs exp(-D e^2 / 4), by
// Hoeffding's inequality for the mean of D / 2 independent cosines.
[[nodiscard]] double pairs_bound(std::size_t components, std::size_t pairs);
// The same for all pairs of a ball: 2^8 (s diam / e)^2 exp(-D e^2 / (4 (d + 2))), s^2 = E |w|^2. Source:
// Rahimi and Recht, "Random features for large-scale kernel machines" (NIPS 2007), claim 1.
[[nodiscard]] double space_bound(std::size_t components, std::size_t inputs, double spread, double diameter);

}  // namespace astrolabe::kernel
