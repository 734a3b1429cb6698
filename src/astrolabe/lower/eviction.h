// SPDX-License-Identifier: Apache-2.0
// Schedules for any program under a limit, by simulation: the steps run in order; where room is short, the
// value goes whose loss costs least per byte and per step that it would lie there; what is missing when it is
// wanted is computed again, with all that it needs.
//
//   const std::optional<Schedule> schedule = search_by_eviction(graph, limit);
//
// After Kirisame et al., "Dynamic tensor rematerialization", ICLR 2021, whose rule is h = cost / (size
// staleness). Since the order is known beforehand, the steps until the next use take the place of
// staleness. Several rules are tried, then rules with random weights of single values and single steps that
// wait until they are wanted (local search), then every run that the limit does not ask for is taken out.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "astrolabe/lower/step_graph.h"

namespace astrolabe {

struct EvictionRule {
  double size_power = 1;
  double distance_power = 1;
  std::span<const double> weights = {};  // by value: how dear it is; empty: all 1
  // By step: 1 where its first run waits until somebody wants what it makes; empty: all run in order.
  std::span<const std::uint8_t> waits = {};
};

// Nothing when the rule paints itself into a corner, or works longer than `work` allows: steps looked at, of
// which it takes off what it used. Cost: evictions times live values.
[[nodiscard]] std::optional<Schedule> simulate(const StepGraph& graph, std::size_t limit,
                                               const EvictionRule& rule, double& work);

// The cheapest schedule found whose peak is at most `limit`. Same answer for the same question. Cost: some
// hundred simulations of small programs, a few of large ones; a fifth of a second at most.
[[nodiscard]] std::optional<Schedule> search_by_eviction(const StepGraph& graph, std::size_t limit);

// Takes out what the limit does not ask for, run by run, for as long as search_by_eviction().
[[nodiscard]] Schedule without_spare_runs(const StepGraph& graph, Schedule schedule, std::size_t limit);

}  // namespace astrolabe
