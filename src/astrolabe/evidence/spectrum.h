// SPDX-License-Identifier: Apache-2.0
// What a symmetric matrix is like, from its products with vectors alone.
//
//   const SymmetricMap hessian = [&](std::span<const double> v, std::span<double> product) { ... };
//   largest_eigenvalue(hessian, size, key)     // by Lanczos
//   estimated_trace(hessian, size, 20, key)    // by random signs
//
// Pure but for what the map does; start vectors and signs come from the key.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "astrolabe/base/random.h"

namespace astrolabe {

using SymmetricMap = std::function<void(std::span<const double> v, std::span<double> product)>;

// The algebraically largest eigenvalue: Lanczos with every vector kept orthogonal to all before, until the
// residual of the Ritz pair is below `tolerance` of its value, or after kMostLanczosSteps products. Never
// above the true one but for rounding. Source: Lanczos 1950; Golub and Van Loan, Matrix Computations, 10.1.
// 0 for size 0; NaN where a product is.
[[nodiscard]] double largest_eigenvalue(const SymmetricMap& map, std::size_t size, Key key,
                                        double tolerance = 1e-3);
inline constexpr std::size_t kMostLanczosSteps = 60;

struct TraceEstimate {
  double value = 0;
  double standard_error = 0;  // NaN of a single probe
};
// The mean of v' A v over vectors of random signs, which has the trace as its mean and the smallest variance
// of all such (Hutchinson, Communications in Statistics 1990). At least one probe.
[[nodiscard]] TraceEstimate estimated_trace(const SymmetricMap& map, std::size_t size, std::size_t probes,
                                            Key key);

}  // namespace astrolabe
