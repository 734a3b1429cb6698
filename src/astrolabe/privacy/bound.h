// SPDX-License-Identifier: Apache-2.0
// The epsilon that everybody may be promised: the least of the upper bounds that hold.
//
//   const std::vector<Mechanism> uses = {{.noise_multiplier = 1.1, .sampling_rate = 0.01, .times = 1000},
//                                        {.noise = Noise::laplace, .noise_multiplier = 20}};
//   const double epsilon = bounded_epsilon(uses, 1e-5);
//
// guarantee.h is the same for a ledger of training steps. Pure; thread-safe; about 20 to 50 ms.
#pragma once

#include <optional>
#include <span>

#include "astrolabe/privacy/renyi.h"

namespace astrolabe {

// Exact where every use is a Gaussian one of the whole table; else the smaller of the bounds by the whole
// loss (with its rounding) and by Renyi divergences. 0 of no use at all. Throws usage_error for what is not
// sound (mechanism.h).
[[nodiscard]] double bounded_epsilon(std::span<const Mechanism> uses, double delta,
                                     Neighbours neighbours = Neighbours::add_remove);

// The exact mu of Gaussian uses of the whole table; nothing where one is sampled or Laplace.
[[nodiscard]] std::optional<double> exact_mu(std::span<const Mechanism> uses, Neighbours neighbours);

// Renyi's bound alone, over `orders`. Infinite under replace-one, unless no use is sampled.
[[nodiscard]] RenyiEpsilon renyi_bound(std::span<const Mechanism> uses, double delta, Neighbours neighbours,
                                       std::span<const double> orders,
                                       RenyiTerms terms = RenyiTerms::with_sign);

}  // namespace astrolabe
