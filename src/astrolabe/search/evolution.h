// SPDX-License-Identifier: Apache-2.0
// Regularised (ageing) evolution: the youngest `population` of all trials live; the best of `sample` drawn
// ones has a child that differs in one dimension. Trials that it never proposed live and age like its own.
//
//   const std::unique_ptr<Proposer> proposer = make_evolution(space, {.population = 20, .sample = 5});
//
// Until `population` trials have ended, points are random. Children that were seen before are not proposed
// again while others are within reach.
// Source: Real et al., "Regularized evolution for image classifier architecture search", AAAI 2019.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "astrolabe/search/proposer.h"

namespace astrolabe {

struct EvolutionSettings {
  std::int64_t population = 20;
  std::int64_t sample = 5;
};
[[nodiscard]] std::span<const Field<EvolutionSettings>> evolution_settings_table();

[[nodiscard]] std::unique_ptr<Proposer> make_evolution(const Space& space, const EvolutionSettings& settings);

}  // namespace astrolabe
