// SPDX-License-Identifier: Apache-2.0
// A Cholesky factor that takes the rows with most left to explain first, and ends when nothing is: for kernel
// matrices of rows that repeat, or are nearly alike, and so are singular.
//
//   const PivotedFactor factor = pivoted_cholesky(matrix, 100, 1e-6);
//   factor.pivots        // the rows that count, [rank]
//   factor.lower         // L, [rank, rank]: matrix[pivots, pivots] = L L'
//
// Source: Harbrecht, Peters and Schneider, "On the low-rank approximation by the pivoted Cholesky
// decomposition", Appl. Numer. Math. 62 (2012), algorithm 1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace astrolabe::kernel {

struct PivotedFactor {
  std::vector<std::uint32_t> pivots;  // [rank]
  std::vector<double> lower;          // [rank, rank] row-major, lower triangular
};

// matrix: [size, size], symmetric, positive semi-definite up to rounding. Ends when no row has more than
// `tolerance` of the largest diagonal element left. Cost: size * rank^2 / 2.
[[nodiscard]] PivotedFactor pivoted_cholesky(std::span<const double> matrix, std::size_t size,
                                             double tolerance);

// The inverse of L, lower triangular too. Cost: rank^3 / 6.
[[nodiscard]] std::vector<double> inverse_of_lower(std::span<const double> lower, std::size_t rank);

}  // namespace astrolabe::kernel
