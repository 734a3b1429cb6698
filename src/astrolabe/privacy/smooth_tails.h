// SPDX-License-Identifier: Apache-2.0
// The tails of a loss along a grid, most of them by polynomials through a few: a grid has many more points
// than a smooth function needs.
//
//   std::vector<LossTails> SampledGaussianPair::tails_along(double from, double step, std::size_t count)
//   const {
//     return smooth_tails(*this, from, step, count);
//   }
//
// Pieces of the grid are interpolated in 8 Chebyshev points, where the error is largest at the ends
// (Trefethen, "Approximation theory and approximation practice", 2013, chapter 7). A piece whose ends are not
// met to the last digits is halved; short ones are computed point by point.
#pragma once

#include <cstddef>
#include <vector>

#include "astrolabe/privacy/loss_pair.h"

namespace astrolabe {

// As LossPair::tails at from, from + step, ... Pure; thread-safe. Where tails are smooth about a fifth of the
// time.
[[nodiscard]] std::vector<LossTails> smooth_tails(const LossPair& pair, double from, double step,
                                                  std::size_t count);

}  // namespace astrolabe
