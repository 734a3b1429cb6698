// SPDX-License-Identifier: Apache-2.0
// One-sided bounds for a proportion that hold exactly at every sample size, where Wilson's hold about: for
// claims that must not be too bold.
//
//   proportion_at_least(9, 10, 0.05);  // 0.6058: below it the true share is in at most 5 % of all samples
//   proportion_at_most(0, 100, 0.05);  // 0.0295
//
// Pure; thread-safe; O(1). Source: Clopper & Pearson, Biometrika 1934.
#pragma once

#include <cstdint>

namespace astrolabe {

// `error` in (0, 1): the chance that the bound is wrong is at most that. 0 <= successes <= trials; without
// trials the bounds are 0 and 1.
[[nodiscard]] double proportion_at_least(std::uint64_t successes, std::uint64_t trials, double error);
[[nodiscard]] double proportion_at_most(std::uint64_t successes, std::uint64_t trials, double error);

}  // namespace astrolabe
