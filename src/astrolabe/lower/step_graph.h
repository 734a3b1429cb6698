// SPDX-License-Identifier: Apache-2.0
// A program as a search for memory sees it: steps in order, the values that they hand on, and a schedule that
// may run a step more than once. A run reads the newest copy of each value; a copy lives from the run that
// wrote it to the last run that reads it. So any schedule in which every step's first run comes in order is
// right, and what differs is how much lives at one time and how much is computed.
//
//   const Schedule schedule = search_by_eviction(graph, limit).value();
//   const std::vector<StepRun> runs = needed_runs(graph, schedule);   // what nobody reads is not computed
//   measure(graph, runs).peak                                         // at most `limit`
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace astrolabe {

struct StepGraph {
  struct Value {
    std::size_t bytes = 0;
    bool is_fixed = false;  // written only where the plain order writes it: an output, part of a concat
  };
  struct Step {
    std::vector<std::uint32_t> reads, writes;  // values, each once; a value that is not fixed has one writer
    double cost = 0;
  };
  std::vector<Value> values;
  std::vector<Step> steps;  // in the plain order

  // Whether a second run of the step could be of use.
  [[nodiscard]] bool can_run_again(std::uint32_t step) const;
};

using Schedule = std::vector<std::uint32_t>;  // steps, in the order in which they run

struct StepRun {
  std::uint32_t step = 0;
  std::vector<std::uint32_t> writes;  // of the step's writes those that somebody reads
};

// Runs without those that nobody needs. Fixed values are written by a step's first run alone. Cost: linear.
[[nodiscard]] std::vector<StepRun> needed_runs(const StepGraph& graph, const Schedule& schedule);

struct ScheduleFigures {
  std::size_t peak = 0;   // the most bytes that live at one time
  double cost = 0;        // of all runs
  std::size_t again = 0;  // runs that are not a step's first
};
// Cost: linear.
[[nodiscard]] ScheduleFigures measure(const StepGraph& graph, std::span<const StepRun> runs);

// Every step once.
[[nodiscard]] Schedule plain_schedule(const StepGraph& graph);

// Fewer bytes are not enough for any schedule: what one step touches, with the fixed values that live then.
[[nodiscard]] std::size_t least_bytes(const StepGraph& graph);

}  // namespace astrolabe
