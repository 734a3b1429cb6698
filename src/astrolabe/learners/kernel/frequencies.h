// SPDX-License-Identifier: Apache-2.0
// Random directions whose cosines and sines, ramps, steps or products stand for a kernel.
//
//   const std::vector<float> w = draw_directions(choice, 28, 500, key);   // [28, 500], a direction a column
//   const std::vector<double> radii = draw_stretches(KernelShape::matern32, 500, key);
//
// By Bochner's theorem a kernel of differences is the mean cosine of w'(x - y) over its own distribution of
// w: gaussian N(0, I); matern a multivariate t of 1, 3 or 5 degrees of freedom (a normal direction,
// stretched); laplacian a Cauchy number for each input. Arc-cosine kernels take N(0, I), polynomials +1 and
// -1. Orthogonal ones: as many at a time as there are inputs are at right angles, each as long as an
// independent one would be. Sources: Rahimi and Recht, "Random features for large-scale kernel machines"
// (NIPS 2007), algorithm 1; Yu and others, "Orthogonal random features" (NIPS 2016), section 3; Kar and
// Karnick, "Random feature maps for dot product kernels" (AISTATS 2012).
#pragma once

#include <cstddef>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/learners/kernel/kernel_settings.h"

namespace astrolabe::kernel {

// [inputs, count] row-major, for FeatureKind::random or orthogonal. Pure. Cost: a normal number each, and for
// orthogonal ones min(inputs, count) multiplications each.
[[nodiscard]] std::vector<float> draw_directions(const KernelChoice& choice, std::size_t inputs,
                                                 std::size_t count, Key key);

// By how much each of `count` normal directions is stretched: all 1 but for the matern kernels.
[[nodiscard]] std::vector<double> draw_stretches(KernelShape shape, std::size_t count, Key key);

// E w_j^2 of a stationary kernel: minus its second derivative at 0. Infinite for laplacian and matern12.
[[nodiscard]] double second_moment(KernelShape shape);

}  // namespace astrolabe::kernel
