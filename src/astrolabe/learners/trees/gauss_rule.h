// SPDX-License-Identifier: Apache-2.0
// Gauss-Legendre quadrature on (0, 1): the sum of weights[i] f(points[i]) is the integral of f, exactly if f
// is a polynomial of degree up to 2 size - 1 (Gauss 1814).
//
//   const GaussRule rule = gauss_rule(3);   // x^5: 1/6 to the last bit or two
#pragma once

#include <cstddef>
#include <vector>

namespace astrolabe::trees {

struct GaussRule {
  std::vector<double> points;   // ascending, inside (0, 1)
  std::vector<double> weights;  // positive, summing to 1
};

// 1 <= size <= 128. Newton's method on the Legendre polynomial; plain arithmetic but for the first guess.
[[nodiscard]] GaussRule gauss_rule(std::size_t size);

}  // namespace astrolabe::trees
