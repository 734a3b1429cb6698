// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/lower/step_graph.h"

#include <algorithm>
#include <numeric>

namespace astrolabe {

bool StepGraph::can_run_again(std::uint32_t step) const {
  return std::ranges::any_of(steps[step].writes,
                             [&](std::uint32_t value) { return !values[value].is_fixed; });
}

std::vector<StepRun> needed_runs(const StepGraph& graph, const Schedule& schedule) {
  std::vector<bool> has_run(graph.steps.size(), false), is_first(schedule.size(), false);
  for (std::size_t at = 0; at < schedule.size(); ++at) {
    is_first[at] = !has_run[schedule[at]];
    has_run[schedule[at]] = true;
  }
  std::vector<bool> is_wanted(graph.values.size(), false);
  std::vector<StepRun> runs;
  for (std::size_t at = schedule.size(); at-- > 0;) {
    const StepGraph::Step& step = graph.steps[schedule[at]];
    StepRun run{.step = schedule[at], .writes = {}};
    for (const std::uint32_t value : step.writes)
      if (graph.values[value].is_fixed ? is_first[at] : is_wanted[value]) run.writes.push_back(value);
    if (run.writes.empty()) continue;
    for (const std::uint32_t value : run.writes) is_wanted[value] = false;
    for (const std::uint32_t value : step.reads) is_wanted[value] = true;
    runs.push_back(std::move(run));
  }
  std::ranges::reverse(runs);
  return runs;
}

ScheduleFigures measure(const StepGraph& graph, std::span<const StepRun> runs) {
  struct Copy {
    std::size_t bytes, first, last;
  };
  constexpr std::size_t kNone = SIZE_MAX;
  std::vector<std::size_t> newest(graph.values.size(), kNone);
  std::vector<Copy> copies;
  copies.reserve(runs.size() + graph.values.size());
  std::vector<bool> has_run(graph.steps.size(), false);
  ScheduleFigures figures;
  for (std::size_t at = 0; at < runs.size(); ++at) {
    const StepRun& run = runs[at];
    for (const std::uint32_t value : graph.steps[run.step].reads)
      if (newest[value] != kNone) copies[newest[value]].last = at;
    for (const std::uint32_t value : run.writes) {
      if (graph.values[value].is_fixed && newest[value] != kNone) {
        copies[newest[value]].last = at;  // another part of it
        continue;
      }
      newest[value] = copies.size();
      copies.push_back({graph.values[value].bytes, at, at});
    }
    figures.cost += graph.steps[run.step].cost;
    figures.again += has_run[run.step] ? 1 : 0;
    has_run[run.step] = true;
  }
  std::vector<std::size_t> born(runs.size() + 1, 0), gone(runs.size() + 1, 0);
  for (const Copy& copy : copies) {
    born[copy.first] += copy.bytes;
    gone[copy.last + 1] += copy.bytes;
  }
  std::size_t live = 0;
  for (std::size_t at = 0; at < runs.size(); ++at) {
    live += born[at] - gone[at];
    figures.peak = std::max(figures.peak, live);
  }
  return figures;
}

Schedule plain_schedule(const StepGraph& graph) {
  Schedule schedule(graph.steps.size());
  std::iota(schedule.begin(), schedule.end(), 0U);
  return schedule;
}

std::size_t least_bytes(const StepGraph& graph) {
  // A step that writes something fixed runs in its place; between two such steps that touch a fixed value it
  // lives.
  const std::size_t count = graph.steps.size();
  std::vector<std::size_t> first(graph.values.size(), SIZE_MAX), last(graph.values.size(), 0);
  const auto is_in_place = [&](const StepGraph::Step& step) {
    return std::ranges::any_of(step.writes,
                               [&](std::uint32_t value) { return graph.values[value].is_fixed; });
  };
  for (std::size_t at = 0; at < count; ++at) {
    if (!is_in_place(graph.steps[at])) continue;
    const auto touch = [&](std::uint32_t value) {
      if (!graph.values[value].is_fixed) return;
      first[value] = std::min(first[value], at);
      last[value] = at;
    };
    std::ranges::for_each(graph.steps[at].reads, touch);
    std::ranges::for_each(graph.steps[at].writes, touch);
  }
  std::vector<std::size_t> born(count + 1, 0), gone(count + 1, 0);
  for (std::size_t value = 0; value < graph.values.size(); ++value) {
    if (first[value] == SIZE_MAX) continue;
    born[first[value]] += graph.values[value].bytes;
    gone[last[value] + 1] += graph.values[value].bytes;
  }
  std::size_t least = 0, fixed = 0;
  for (std::size_t at = 0; at < count; ++at) {
    fixed += born[at] - gone[at];
    const StepGraph::Step& step = graph.steps[at];
    const bool stays = is_in_place(step);
    std::size_t touched = stays ? fixed : 0, smallest = stays ? 0 : SIZE_MAX;
    for (const std::uint32_t value : step.reads)
      if (!stays || !graph.values[value].is_fixed) touched += graph.values[value].bytes;
    // A step may run for one value at a time: the smallest is enough.
    for (const std::uint32_t value : step.writes) smallest = std::min(smallest, graph.values[value].bytes);
    touched += smallest;
    least = std::max(least, touched);
  }
  return least;
}

}  // namespace astrolabe
