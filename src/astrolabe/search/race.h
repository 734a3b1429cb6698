// SPDX-License-Identifier: Apache-2.0
// Racing on intervals: a trial stops when its interval lies wholly above that of another at the same step, so
// that it is worse and not merely unlucky.
//
//   if (is_surely_worse(own, peers, {.width = 1})) ...
//
// Costs without an interval (low and high both equal to the cost) tell nothing and stop nobody. Pure;
// thread-safe. Cost: O(peers).
// Source: Maron and Moore, "Hoeffding races", NIPS 1993.
#pragma once

#include <memory>
#include <span>

#include "astrolabe/search/pruner.h"

namespace astrolabe {

struct RaceSettings {
  double width = 1;
};
[[nodiscard]] std::span<const Field<RaceSettings>> race_settings_table();

[[nodiscard]] bool is_surely_worse(const StepCost& own, std::span<const StepCost> peers,
                                   const RaceSettings& settings);

[[nodiscard]] std::unique_ptr<const Pruner> make_race(const RaceSettings& settings);

}  // namespace astrolabe
