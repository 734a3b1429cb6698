// SPDX-License-Identifier: Apache-2.0
// Search with a model of the cost: a Gaussian process over the space ranks changed copies of the best points
// and a few random ones by an optimistic guess, and the one that promises most is proposed. The choice for
// trials that are dear.
//
//   const std::unique_ptr<Proposer> proposer = make_surrogate(space, {.random_first = 10});
//
// Remembers at most 256 trials (the best and the newest). Cost of a proposal: a millisecond or so.
// Sources: White et al., "BANANAS", AAAI 2021 (changed copies of the best, ranked by a model); Srinivas et
// al., "Gaussian process optimization in the bandit setting", ICML 2010 (the optimistic guess).
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "astrolabe/search/proposer.h"

namespace astrolabe {

struct SurrogateSettings {
  std::int64_t random_first = 10;
  std::int64_t candidates = 100;
  double optimism = 1;
};
[[nodiscard]] std::span<const Field<SurrogateSettings>> surrogate_settings_table();

[[nodiscard]] std::unique_ptr<Proposer> make_surrogate(const Space& space, const SurrogateSettings& settings);

}  // namespace astrolabe
