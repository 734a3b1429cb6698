// SPDX-License-Identifier: Apache-2.0
// What a ledger of private steps guarantees, and the noise that keeps a budget.
//
//   const PrivateSteps steps{.noise_multiplier = 1.1, .sampling_rate = 256 / 60000.0, .steps = 14063};
//   const double epsilon = guaranteed_epsilon({&steps, 1}, 1e-5);                           // 2.6
//   const double sigma = noise_multiplier_for({.epsilon = 3, .delta = 1e-5}, 256 / 60000.0, 14063);
//
// A step takes each row with probability `sampling_rate`, on its own (Poisson sampling), clips what the row
// contributes to norm C, and adds Gaussian noise of standard deviation noise_multiplier * C to the sum. Two
// tables are neighbours when one has one row more. Pure and thread-safe.
#pragma once

#include <cstdint>
#include <span>

namespace astrolabe {

struct PrivateSteps {
  double noise_multiplier = 0;
  double sampling_rate = 1;
  std::uint64_t steps = 0;
};

struct PrivacyBudget {
  double epsilon = 0;
  double delta = 0;
};

// An epsilon such that all steps of the ledger together are (epsilon, delta)-differentially private: an upper
// bound, never an estimate. Steps may depend on the results of earlier ones; their order does not matter. An
// empty ledger costs 0; what no order of divergence bounds is infinite. Throws usage_error for a delta that
// is not between 0 and 1, a noise multiplier that is not positive and finite, and a rate outside (0, 1].
[[nodiscard]] double guaranteed_epsilon(std::span<const PrivateSteps> ledger, double delta);

// The least noise multiplier, to seven digits and never below it, with which `steps` further steps after
// `already` keep the budget. Throws usage_error as above, for no steps, and where the budget is too small for
// any step: epsilon not positive, spent already, or so small that only noise would come out (a multiplier
// above 10^5).
[[nodiscard]] double noise_multiplier_for(const PrivacyBudget& budget, double sampling_rate,
                                          std::uint64_t steps, std::span<const PrivateSteps> already = {});

}  // namespace astrolabe
