// SPDX-License-Identifier: Apache-2.0
// Asynchronous successive halving, in its stopping form: at every step that it reaches, a trial goes on only
// if it is among the best 1 / eta of all that reached that step so far.
//
//   const HalvingSettings settings{.eta = 3, .min_peers = 3};
//   if (is_outside_best(own, peers, settings)) ...
//
// The first `min_peers` at a step always go on, and so does the best. Pure; thread-safe. Cost: O(peers).
// Source: Li et al., "A system for massively parallel hyperparameter tuning", MLSys 2020 (its stopping form
// is that of Ray Tune and Syne Tune).
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "astrolabe/search/pruner.h"

namespace astrolabe {

struct HalvingSettings {
  double eta = 3;
  std::int64_t min_peers = 3;
  std::string rungs = "every_step";
};
[[nodiscard]] std::span<const Field<HalvingSettings>> halving_settings_table();

// Whether `own` is a rung at all, has enough peers, and is not among the best of them.
[[nodiscard]] bool is_outside_best(const StepCost& own, std::span<const StepCost> peers,
                                   const HalvingSettings& settings);

[[nodiscard]] std::unique_ptr<const Pruner> make_halving(const HalvingSettings& settings);

}  // namespace astrolabe
