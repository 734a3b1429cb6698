// SPDX-License-Identifier: Apache-2.0
// Tails of the standard normal and sums, as logarithms: what accountants add up lies far below and far above
// the range of a double. Pure; thread-safe; O(1).
//
//   double tail = log_normal_cdf(-40);   // -804.608442...
//   double both = log_add(-1000, -1001); // -999.6867...
#pragma once

namespace astrolabe {

// log P(X <= x). Relative error about 1e-14 everywhere; the infinities give -infinity and 0.
[[nodiscard]] double log_normal_cdf(double x);

// log(exp(a) + exp(b)); -infinity is the logarithm of 0.
[[nodiscard]] double log_add(double a, double b);
// log(exp(a) - exp(b)) for a >= b; -infinity where they are equal.
[[nodiscard]] double log_subtract(double a, double b);

}  // namespace astrolabe
