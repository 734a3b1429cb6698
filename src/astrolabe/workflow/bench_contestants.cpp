// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/bench_contestants.h"

#include <cmath>
#include <optional>
#include <string>

namespace astrolabe {
namespace {

constexpr double kLeastSeconds = 1e-6;

// A part on a task: means over its hosts and seeds.
struct OnTask {
  double share = 0, seconds = 0, bytes = 0;
};

// Nothing where a host has no whole seed of it, or nothing can be learned.
std::optional<OnTask> look(const BenchPlan& plan, const BenchScores& scores, const BenchPlannedPart& part,
                           std::size_t task) {
  OnTask found;
  double hosts = 0;
  for (const BenchContrast::InHost& in_host : part.hosts) {
    if (!plan.is_asked(in_host, task)) continue;
    const std::optional<double> scale = scores.scale(task, in_host.host);
    if (!scale) continue;
    double share = 0, seeds = 0;
    for (std::size_t seed = 0; seed < scores.seeds(); ++seed) {
      double gain = 0;
      bool is_whole = true;
      for (const ContrastTerm& term : in_host.contrast) {
        const std::optional<double> one = scores.gain(task, term.system, seed);
        is_whole = is_whole && one;
        gain += term.weight * one.value_or(0);
      }
      if (!is_whole) continue;
      share += gain / *scale;
      ++seeds;
    }
    if (seeds == 0) return std::nullopt;
    found.share += share / seeds;
    for (const ContrastTerm& term : in_host.contrast) {
      found.seconds += term.weight * median_cost(scores, task, term.system, &BenchOutcome::seconds);
      found.bytes += term.weight * median_cost(scores, task, term.system, &BenchOutcome::bytes);
    }
    ++hosts;
  }
  if (hosts == 0) return std::nullopt;
  return OnTask{.share = found.share / hosts, .seconds = found.seconds / hosts, .bytes = found.bytes / hosts};
}

void rank(BenchSlot& slot, const ScoreTable& table, const std::vector<double>& times, Key key) {
  slot.tasks = table.tasks();
  if (slot.tasks == 0) return;
  const Profiles profiles = performance_profiles(times, table.contestants);
  slot.ratios = profiles.ratios();
  if (slot.tasks < 2 || table.contestants < 2) return;
  slot.friedman = friedman(table);
  slot.critical_difference = critical_difference(table.contestants, table.tasks());
  slot.pairs = compare_pairs(table);
  slot.runs = indistinct_runs(slot.friedman.mean_ranks, slot.pairs);
  const std::vector<Strength> strengths = elo_strengths(table, key.split("strengths").split(slot.slot));
  for (std::size_t i = 0; i < slot.parts.size(); ++i) {
    slot.parts[i].mean_rank = slot.friedman.mean_ranks[i];
    slot.parts[i].strength = strengths[i];
  }
}

BenchSlot slot_of(const BenchPlan& plan, const BenchScores& scores,
                  const std::vector<const BenchPlannedPart*>& parts, Key key) {
  BenchSlot slot{.slot = parts[0]->slot};
  for (const BenchPlannedPart* part : parts)
    slot.parts.push_back({.part = part->part, .is_baseline = part->is_baseline});
  ScoreTable table{.contestants = parts.size(), .scores = {}};
  std::vector<double> times;
  for (std::size_t task = 0; task < plan.tasks.size(); ++task) {
    std::vector<OnTask> all;
    for (const BenchPlannedPart* part : parts)
      if (const std::optional<OnTask> on = look(plan, scores, *part, task)) all.push_back(*on);
    if (all.size() != parts.size()) continue;  // ranks need every part
    for (std::size_t i = 0; i < all.size(); ++i) {
      slot.parts[i].share += all[i].share;
      slot.parts[i].seconds += all[i].seconds;
      slot.parts[i].bytes += all[i].bytes;
      table.scores.push_back(all[i].share);
      times.push_back(all[i].share >= kArrivalShare ? std::max(all[i].seconds, kLeastSeconds)
                                                    : std::numeric_limits<double>::infinity());
    }
  }
  const auto tasks = static_cast<double>(table.tasks());
  for (BenchPart& part : slot.parts) {
    part.share /= tasks;
    part.seconds /= tasks;
    part.bytes /= tasks;
  }
  rank(slot, table, times, key);
  return slot;
}

bool is_tried(const BenchPlan& plan, const BenchScores& scores, const BenchPlannedPart& part) {
  for (std::size_t task = 0; task < plan.tasks.size(); ++task)
    if (look(plan, scores, part, task)) return true;
  return false;
}

}  // namespace

void rank_parts(const BenchPlan& plan, const BenchScores& scores, Key key, BenchResult& result) {
  std::vector<std::vector<const BenchPlannedPart*>> slots;
  for (const BenchPlannedPart& part : plan.parts) {
    if (!is_tried(plan, scores, part)) continue;
    if (slots.empty() || slots.back()[0]->slot != part.slot) slots.emplace_back();
    slots.back().push_back(&part);
  }
  for (const auto& parts : slots) result.slots.push_back(slot_of(plan, scores, parts, key));
}

}  // namespace astrolabe
