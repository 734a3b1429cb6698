// SPDX-License-Identifier: Apache-2.0
// The least noise that keeps a bound, whoever accounts for it.
//
//   const double sigma = least_noise([&](double s) { return rdp_epsilon_at(s); }, 3.0, 1.2);
#pragma once

#include <functional>
#include <optional>

namespace astrolabe {

// Above this noise nothing else comes out of a step.
inline constexpr double kMostNoise = 1e5;

// The least noise, to seven digits and never below it, at which epsilon_of(noise) <= target: epsilon falls as
// noise grows, may be infinite, and `guess` > 0 is where to begin. Nothing where even kMostNoise is not
// enough. Costs about 8 calls where epsilon is smooth:
// bracketed secants on logarithms, then bisection.
[[nodiscard]] std::optional<double> least_noise(const std::function<double(double)>& epsilon_of,
                                                double target, double guess = 1);

}  // namespace astrolabe
