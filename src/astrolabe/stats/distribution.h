// SPDX-License-Identifier: Apache-2.0
// Quantiles and tail probabilities of the distributions that tests need. Pure; thread-safe.
//
//   double z = normal_quantile(0.975);             // 1.95996...
//   double t = student_t_quantile(0.975, 9);       // 2.26215...
//   double p = student_t_two_sided_p(2.26215, 9);  // 0.05
//
// A NaN argument, a probability outside [0, 1] and degrees of freedom that are not positive give NaN.
// Probabilities 0 and 1 give the infinities. Infinite degrees of freedom give the normal distribution.
#pragma once

namespace astrolabe {

[[nodiscard]] double normal_quantile(double probability);
[[nodiscard]] double student_t_quantile(double probability, double degrees_of_freedom);

// P(X <= x) of the standard normal.
[[nodiscard]] double normal_cdf(double x);

// P(X >= x). Negative x gives 1.
[[nodiscard]] double chi_squared_upper_p(double x, double degrees_of_freedom);
[[nodiscard]] double f_upper_p(double x, double numerator_degrees, double denominator_degrees);

// P(|X| >= |x|).
[[nodiscard]] double normal_two_sided_p(double x);
[[nodiscard]] double student_t_two_sided_p(double x, double degrees_of_freedom);

}  // namespace astrolabe
