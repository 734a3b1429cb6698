// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/lower/eviction.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "astrolabe/base/random.h"

namespace astrolabe {
namespace {

constexpr std::uint32_t kNever = UINT32_MAX;
constexpr std::size_t kLookedAt = 48;  // steps of what a lost value would cost
constexpr double kSearchWork = 1.5e7;  // steps looked at by all simulations of a search
constexpr std::size_t kMostTrials = 400;
constexpr double kSpareWork = 4e6;  // steps measured while taking runs out

class Simulation {
 public:
  Simulation(const StepGraph& graph, std::size_t limit, const EvictionRule& rule, double work)
      : graph_(graph), limit_(limit), rule_(rule), work_(work), writer_(graph.values.size(), kNever) {
    const std::size_t values = graph.values.size();
    readers_.resize(values);
    next_.assign(values, 0);
    locks_.assign(values, 0);
    is_live_.assign(values, false);
    seen_.assign(graph.steps.size(), 0);
    for (std::uint32_t step = 0; step < graph.steps.size(); ++step) {
      for (const std::uint32_t value : graph.steps[step].writes) writer_[value] = step;
      for (const std::uint32_t value : graph.steps[step].reads) readers_[value].push_back(step);
    }
  }

  // False when something cannot be brought back.
  bool run() {
    for (now_ = 0; now_ < graph_.steps.size(); ++now_) {
      const StepGraph::Step& step = graph_.steps[now_];
      if (!rule_.waits.empty() && rule_.waits[now_] != 0 && makes_nothing_fixed(step)) continue;
      if (!bring_inputs(static_cast<std::uint32_t>(now_))) return false;
      if (!finish(static_cast<std::uint32_t>(now_), step.writes)) return false;
      drop_dead(step);
    }
    return true;
  }

  [[nodiscard]] Schedule take_schedule() { return std::move(schedule_); }
  [[nodiscard]] double work_left() const { return work_; }

 private:
  struct Frame {
    std::uint32_t step;
    std::uint32_t target;  // the value that is wanted of it
    std::vector<std::uint32_t> locked;
  };

  [[nodiscard]] bool makes_nothing_fixed(const StepGraph::Step& step) const {
    return std::ranges::none_of(step.writes,
                                [&](std::uint32_t value) { return graph_.values[value].is_fixed; });
  }

  // The step of the plain order that reads the value next, from now on.
  std::uint32_t next_use(std::uint32_t value) {
    std::size_t& at = next_[value];
    while (at < readers_[value].size() && readers_[value][at] < now_) ++at;
    return at < readers_[value].size() ? readers_[value][at] : kNever;
  }

  // The same, or when it will be wanted to compute what was lost.
  std::uint32_t next_need(std::uint32_t value) {
    if (const std::uint32_t use = next_use(value); use != kNever) return use;
    std::uint32_t need = kNever;
    for (const std::uint32_t reader : readers_[value])
      for (const std::uint32_t made : graph_.steps[reader].writes)
        if (!is_live_[made] && !graph_.values[made].is_fixed) need = std::min(need, next_use(made));
    return need;
  }

  // All reads of a step present and locked. Not recursive: chains are long.
  bool bring_inputs(std::uint32_t first) {
    std::vector<Frame> stack;
    stack.push_back({first, kNever, {}});
    while (true) {
      Frame& top = stack.back();
      const std::uint32_t missing = next_missing(top);
      if (missing != kNever) {
        stack.push_back({writer_[missing], missing, {}});
        if (stack.size() > graph_.steps.size() + 1) return false;
        continue;
      }
      if (stack.size() == 1) {
        locked_ = std::move(top.locked);
        return true;
      }
      locked_ = std::move(top.locked);
      const std::uint32_t target = top.target;
      if (!finish(top.step, lost_writes(top.step, target))) return false;
      stack.pop_back();
      lock(stack.back(), target);
    }
  }

  // A read that is not there; what is there is locked only when nothing is missing any more, so that it may
  // make room meanwhile.
  std::uint32_t next_missing(Frame& frame) {
    for (const std::uint32_t value : graph_.steps[frame.step].reads)
      if (!is_live_[value] && writer_[value] != kNever && !graph_.values[value].is_fixed) return value;
    for (const std::uint32_t value : graph_.steps[frame.step].reads)
      if (std::ranges::find(frame.locked, value) == frame.locked.end()) lock(frame, value);
    return kNever;
  }

  void lock(Frame& frame, std::uint32_t value) {
    ++locks_[value];
    frame.locked.push_back(value);
  }

  // What a second run of a step is worth computing: what is wanted now, and what was lost and will be read.
  std::vector<std::uint32_t> lost_writes(std::uint32_t step, std::uint32_t target) {
    std::vector<std::uint32_t> writes = {target};
    for (const std::uint32_t value : graph_.steps[step].writes)
      if (value != target && !is_live_[value] && !graph_.values[value].is_fixed && next_use(value) != kNever)
        writes.push_back(value);
    std::size_t bytes = 0;
    for (const std::uint32_t value : writes) bytes += graph_.values[value].bytes;
    if (writes.size() > 1 && bytes > room_at_most()) writes.resize(1);
    return writes;
  }

  [[nodiscard]] std::size_t room_at_most() const {
    std::size_t held = 0;
    for (const std::uint32_t value : live_)
      if (locks_[value] > 0 || graph_.values[value].is_fixed) held += graph_.values[value].bytes;
    return limit_ > held ? limit_ - held : 0;
  }

  // Runs a step whose inputs are there and locked.
  bool finish(std::uint32_t step, const std::vector<std::uint32_t>& writes) {
    std::size_t bytes = 0;
    for (const std::uint32_t value : writes) bytes += is_live_[value] ? 0 : graph_.values[value].bytes;
    if (!make_room(bytes)) return false;
    for (const std::uint32_t value : writes) {
      if (is_live_[value]) continue;
      is_live_[value] = true;
      live_.push_back(value);
    }
    held_ += bytes;
    schedule_.push_back(step);
    for (const std::uint32_t value : locked_) --locks_[value];
    locked_.clear();
    --work_;
    return work_ > 0;
  }

  bool make_room(std::size_t bytes) {
    while (held_ + bytes > limit_) {
      std::size_t worst = live_.size();
      double least = std::numeric_limits<double>::infinity();
      for (std::size_t i = 0; i < live_.size(); ++i) {
        const std::uint32_t value = live_[i];
        if (locks_[value] > 0 || graph_.values[value].is_fixed || graph_.values[value].bytes == 0) continue;
        const double worth = worth_of(value);
        if (worst == live_.size() || worth < least) {
          worst = i;
          least = worth;
        }
      }
      if (worst == live_.size()) return false;
      drop(worst);
    }
    return true;
  }

  void drop(std::size_t at) {
    const std::uint32_t value = live_[at];
    is_live_[value] = false;
    held_ -= graph_.values[value].bytes;
    live_[at] = live_.back();
    live_.pop_back();
  }

  // Fixed values that nobody reads any more.
  void drop_dead(const StepGraph::Step& step) {
    const auto drop_fixed = [&](std::uint32_t value) {
      if (!graph_.values[value].is_fixed || !is_live_[value] || writer_[value] > now_) return;
      if (!readers_[value].empty() && readers_[value].back() > now_) return;
      drop(static_cast<std::size_t>(std::ranges::find(live_, value) - live_.begin()));
    };
    std::ranges::for_each(step.reads, drop_fixed);
    std::ranges::for_each(step.writes, drop_fixed);
  }

  double worth_of(std::uint32_t value) {
    const std::uint32_t need = next_need(value);
    if (need == kNever) return -1;
    const double distance = static_cast<double>(need - now_) + 1;
    const double weight = rule_.weights.empty() ? 1 : rule_.weights[value];
    return weight * cost_of(value) /
           (std::pow(static_cast<double>(graph_.values[value].bytes), rule_.size_power) *
            std::pow(distance, rule_.distance_power));
  }

  // Of computing a value again, with what it needs that is not there.
  double cost_of(std::uint32_t value) {
    ++stamp_;
    double cost = 0;
    std::size_t looked_at = 0;
    todo_.assign(1, writer_[value]);
    seen_[writer_[value]] = stamp_;
    while (!todo_.empty() && looked_at < kLookedAt) {
      const std::uint32_t step = todo_.back();
      todo_.pop_back();
      ++looked_at;
      --work_;
      cost += graph_.steps[step].cost;
      for (const std::uint32_t read : graph_.steps[step].reads) {
        if (is_live_[read] || writer_[read] == kNever || seen_[writer_[read]] == stamp_) continue;
        seen_[writer_[read]] = stamp_;
        todo_.push_back(writer_[read]);
      }
    }
    return cost;
  }

  const StepGraph& graph_;
  std::size_t limit_;
  EvictionRule rule_;
  double work_;
  std::vector<std::uint32_t> writer_;
  std::vector<std::vector<std::uint32_t>> readers_;
  std::vector<std::size_t> next_;  // of the readers, by value
  std::vector<std::uint32_t> locks_;
  std::vector<bool> is_live_;
  std::vector<std::uint32_t> live_, locked_, todo_;
  std::vector<std::uint64_t> seen_;
  std::uint64_t stamp_ = 0;
  std::size_t held_ = 0, now_ = 0;
  Schedule schedule_;
};

// The best schedule so far.
class Best {
 public:
  Best(const StepGraph& graph, std::size_t limit) : graph_(graph), limit_(limit) {}

  // Whether it is better than all before.
  bool offer(std::optional<Schedule> schedule) {
    if (!schedule) return false;
    const ScheduleFigures figures = measure(graph_, needed_runs(graph_, *schedule));
    if (figures.peak > limit_ || !(figures.cost < cost_)) return false;
    cost_ = figures.cost;
    best_ = std::move(schedule);
    return true;
  }
  [[nodiscard]] std::optional<Schedule> take() { return std::move(best_); }
  [[nodiscard]] bool is_empty() const { return !best_; }

 private:
  const StepGraph& graph_;
  std::size_t limit_;
  double cost_ = std::numeric_limits<double>::infinity();
  std::optional<Schedule> best_;
};

// Random weights of single values, and steps that wait, kept where they help.
void search_nearby(const StepGraph& graph, std::size_t limit, EvictionRule rule, double work, Best& best) {
  RandomStream random(Key::from_seed(graph.values.size()));
  std::vector<double> weights(graph.values.size(), 1.0);
  std::vector<std::uint8_t> waits(rule.waits.begin(), rule.waits.end());
  waits.resize(graph.steps.size(), 0);
  for (std::size_t trial = 0; trial < kMostTrials && work > 0; ++trial) {
    const std::vector<double> weights_before = weights;
    const std::vector<std::uint8_t> waits_before = waits;
    for (std::uint64_t changes = 1 + random.below(3); changes > 0; --changes) {
      if (random.below(3) == 0)
        waits[random.below(waits.size())] ^= 1U;
      else
        weights[random.below(weights.size())] *= random.below(2) == 0 ? 8.0 : 0.125;
    }
    rule.weights = weights;
    rule.waits = waits;
    // Until there is a schedule at all any change may lead to one.
    if (best.offer(simulate(graph, limit, rule, work)) || best.is_empty()) continue;
    weights = weights_before;
    waits = waits_before;
  }
}

}  // namespace

std::optional<Schedule> simulate(const StepGraph& graph, std::size_t limit, const EvictionRule& rule,
                                 double& work) {
  Simulation simulation(graph, limit, rule, work);
  const bool is_done = simulation.run();
  work = simulation.work_left();
  if (!is_done) return std::nullopt;
  return simulation.take_schedule();
}

std::optional<Schedule> search_by_eviction(const StepGraph& graph, std::size_t limit) {
  static constexpr std::array<std::array<double, 2>, 7> kPowers = {
      {{1, 1}, {1, 0.5}, {1, 0}, {1, 2}, {0.5, 1}, {0, 1}, {0, 0}}};
  Best best(graph, limit);
  EvictionRule winner;
  double work = kSearchWork;
  for (std::size_t i = 0; i < kPowers.size() && work > 0; ++i) {
    const EvictionRule rule{.size_power = kPowers[i][0], .distance_power = kPowers[i][1]};
    if (best.offer(simulate(graph, limit, rule, work))) winner = rule;
  }
  const std::vector<std::uint8_t> all_wait(graph.steps.size(), 1);
  const EvictionRule lazy{.size_power = 1, .distance_power = 1, .weights = {}, .waits = all_wait};
  if (best.offer(simulate(graph, limit, lazy, work))) winner = lazy;
  search_nearby(graph, limit, winner, work, best);
  std::optional<Schedule> found = best.take();
  if (found) found = without_spare_runs(graph, std::move(*found), limit);
  return found;
}

Schedule without_spare_runs(const StepGraph& graph, Schedule schedule, std::size_t limit) {
  std::vector<StepRun> runs = needed_runs(graph, schedule);
  const auto steps_of = [](std::span<const StepRun> of) {
    Schedule steps;
    for (const StepRun& run : of) steps.push_back(run.step);
    return steps;
  };
  schedule = steps_of(runs);
  double cost = measure(graph, runs).cost;
  double work = kSpareWork;
  std::vector<bool> has_run(graph.steps.size(), false);
  for (std::size_t at = 0; at < schedule.size() && work > 0; ++at) {
    if (!has_run[schedule[at]]) {
      has_run[schedule[at]] = true;
      continue;
    }
    Schedule shorter = schedule;
    shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(at));
    work -= static_cast<double>(shorter.size());
    const std::vector<StepRun> needed = needed_runs(graph, shorter);
    const ScheduleFigures figures = measure(graph, needed);
    if (figures.peak > limit || !(figures.cost < cost)) continue;
    cost = figures.cost;
    schedule = steps_of(needed);
    has_run.assign(graph.steps.size(), false);
    for (std::size_t before = 0; before < std::min(at, schedule.size()); ++before)
      has_run[schedule[before]] = true;
    --at;
  }
  return schedule;
}

}  // namespace astrolabe
