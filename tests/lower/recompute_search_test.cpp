// SPDX-License-Identifier: Apache-2.0
// Schedules under a limit against the best of all schedules, on small programs.
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <gtest/gtest.h>

#include "astrolabe/base/random.h"
#include "astrolabe/lower/chain_blocks.h"
#include "astrolabe/lower/eviction.h"
#include "astrolabe/lower/step_graph.h"

namespace astrolabe {
namespace {

// Up to twelve steps, each with a value of its own; the last one's is an output.
StepGraph random_graph(Key key) {
  RandomStream random(key);
  StepGraph graph;
  const auto count = static_cast<std::uint32_t>(6 + random.below(7));
  for (std::uint32_t i = 0; i < count; ++i) {
    graph.values.push_back({.bytes = 64 * (1 + random.below(4)), .is_fixed = i + 1 == count});
    StepGraph::Step step{.reads = {}, .writes = {i}, .cost = static_cast<double>(1 + random.below(6))};
    for (std::uint64_t reads = i == 0 ? 0 : 1 + random.below(2); reads > 0; --reads) {
      // Mostly what is new, now and then something old.
      const auto back = static_cast<std::uint32_t>(random.below(3) == 0 ? random.below(i) : 0);
      const std::uint32_t value = i - 1 - back;
      if (std::ranges::find(step.reads, value) == step.reads.end()) step.reads.push_back(value);
    }
    graph.steps.push_back(step);
  }
  // Whatever nobody reads is read by some later step.
  for (std::uint32_t value = 0; value + 1 < count; ++value) {
    const auto reads = [&](const StepGraph::Step& step) {
      return std::ranges::find(step.reads, value) != step.reads.end();
    };
    if (std::ranges::none_of(graph.steps, reads))
      graph.steps[value + 1 + random.below(count - value - 1)].reads.push_back(value);
  }
  return graph;
}

// A chain there and back: y_i = f(y_{i-1}), then g_i from g_{i+1} and y_i.
StepGraph chain_graph(std::uint32_t blocks, std::size_t bytes) {
  StepGraph graph;
  for (std::uint32_t i = 0; i < blocks; ++i) {
    graph.values.push_back({.bytes = bytes});
    graph.steps.push_back({.reads = {}, .writes = {i}, .cost = 1});
    if (i > 0) graph.steps.back().reads = {i - 1};
  }
  for (std::uint32_t i = blocks; i-- > 0;) {
    const auto value = static_cast<std::uint32_t>(graph.values.size());
    graph.values.push_back({.bytes = bytes, .is_fixed = i == 0});
    graph.steps.push_back({.reads = {i}, .writes = {value}, .cost = 2});
    if (i + 1 < blocks) graph.steps.back().reads.push_back(value - 1);
  }
  return graph;
}

// The least cost of computing the output within a limit, in any order: Dijkstra's search over what is kept.
// Nothing where there is no way.
std::optional<double> best_of_all(const StepGraph& graph, std::size_t limit) {
  const auto is_in = [](std::uint32_t kept, std::uint32_t value) { return ((kept >> value) & 1U) != 0; };
  const auto bytes_of = [&](std::uint32_t kept) {
    std::size_t bytes = 0;
    for (std::uint32_t value = 0; value < graph.values.size(); ++value)
      bytes += is_in(kept, value) ? graph.values[value].bytes : 0;
    return bytes;
  };
  std::map<std::uint32_t, double> best = {{0, 0}};
  std::set<std::pair<double, std::uint32_t>> queue = {{0, 0}};
  const auto reach = [&](std::uint32_t kept, double cost) {
    const auto [known, is_new] = best.try_emplace(kept, cost);
    if (!is_new && known->second <= cost) return;
    known->second = cost;
    queue.insert({cost, kept});
  };
  while (!queue.empty()) {
    const auto [cost, kept] = *queue.begin();
    queue.erase(queue.begin());
    if (is_in(kept, static_cast<std::uint32_t>(graph.values.size() - 1))) return cost;
    if (best[kept] < cost) continue;
    for (std::uint32_t value = 0; value < graph.values.size(); ++value) {
      if (is_in(kept, value)) {
        reach(kept & ~(1U << value), cost);
        continue;
      }
      const StepGraph::Step& step = graph.steps[value];  // that writes it
      const auto is_there = [&](std::uint32_t read) { return is_in(kept, read); };
      if (std::ranges::all_of(step.reads, is_there) && bytes_of(kept | (1U << value)) <= limit)
        reach(kept | (1U << value), cost + step.cost);
    }
  }
  return std::nullopt;
}

TEST(RecomputeSearch, of_small_programs_is_near_the_best_of_all_schedules) {
  int possible = 0, found = 0, best = 0;
  double cost = 0, least = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const StepGraph graph = random_graph(Key::from_seed(seed));
    const std::size_t plain = measure(graph, needed_runs(graph, plain_schedule(graph))).peak;
    for (std::size_t limit = least_bytes(graph); limit < plain; limit += 128) {
      const std::optional<double> optimum = best_of_all(graph, limit);
      const std::optional<Schedule> schedule = search_by_eviction(graph, limit);
      if (!optimum) {
        EXPECT_FALSE(schedule) << "seed " << seed << ": better than the best";
        continue;
      }
      ++possible;
      if (!schedule) continue;
      ++found;
      const ScheduleFigures figures = measure(graph, needed_runs(graph, *schedule));
      EXPECT_LE(figures.peak, limit) << "seed " << seed;
      EXPECT_GE(figures.cost, *optimum - 1e-9) << "seed " << seed;
      best += figures.cost <= *optimum + 1e-9 ? 1 : 0;
      cost += figures.cost;
      least += *optimum;
    }
  }
  const double ratio = cost / least;
  EXPECT_GT(possible, 100);
  EXPECT_GE(found, possible * 97 / 100);
  EXPECT_GE(best, found * 88 / 100);
  EXPECT_LE(ratio, 1.02) << possible << " possible, " << found << " found, " << best << " optimal";
}

TEST(RecomputeSearch, never_asks_for_more_than_the_plain_schedule_when_that_fits) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const StepGraph graph = random_graph(Key::from_seed(seed));
    const ScheduleFigures plain = measure(graph, needed_runs(graph, plain_schedule(graph)));
    const auto schedule = search_by_eviction(graph, plain.peak);
    ASSERT_TRUE(schedule);
    EXPECT_EQ(measure(graph, needed_runs(graph, *schedule)).cost, plain.cost);
  }
}

TEST(RecomputeSearch, of_a_chain_keeps_to_revolves_number_of_runs) {
  // 60 values of the way there in 9 slots: one for what is on its way, two for the gradient and the next one.
  const StepGraph graph = chain_graph(60, 64);
  const double plain = measure(graph, needed_runs(graph, plain_schedule(graph))).cost;
  const auto schedule = ChainSearch(graph, std::size_t{64} * 12).find(std::size_t{64} * 12);
  ASSERT_TRUE(schedule);
  const ScheduleFigures figures = measure(graph, needed_runs(graph, *schedule));
  EXPECT_LE(figures.peak, 64U * 12);
  // Revolve with 9 checkpoints: 2 * 60 - 11 = 109 forward runs for 60.
  EXPECT_LE(figures.cost - plain, 109 - 59);
}

TEST(RecomputeSearch, runs_a_chain_once_where_all_of_it_fits) {
  const StepGraph graph = chain_graph(30, 64);
  const ScheduleFigures plain = measure(graph, needed_runs(graph, plain_schedule(graph)));
  const auto schedule = ChainSearch(graph, plain.peak).find(plain.peak);
  ASSERT_TRUE(schedule);
  EXPECT_EQ(measure(graph, needed_runs(graph, *schedule)).cost, plain.cost);
}

TEST(StepGraph, leaves_out_runs_whose_results_nobody_reads) {
  const StepGraph graph = chain_graph(3, 64);
  EXPECT_EQ(needed_runs(graph, {0, 1, 2, 0, 1, 3, 4, 5}).size(), 8U) << "y1 and y0 are wanted once more";
  EXPECT_EQ(needed_runs(graph, {0, 1, 2, 3, 0, 1, 4, 0, 5}).size(), 9U);
  EXPECT_EQ(needed_runs(graph, {0, 1, 2, 0, 1, 2, 3, 4, 5}).size(), 6U) << "all of it was computed anew";
}

TEST(StepGraph, least_is_what_one_step_touches_beside_what_stays) {
  StepGraph graph = chain_graph(4, 64);
  EXPECT_EQ(least_bytes(graph), 64U * 3) << "a gradient, y, and the next gradient";
  graph.values.push_back({.bytes = 640, .is_fixed = true});
  graph.steps[0].writes.push_back(8);
  graph.steps.back().reads.push_back(8);
  EXPECT_EQ(least_bytes(graph), 640 + 64U * 3);
}

}  // namespace
}  // namespace astrolabe
