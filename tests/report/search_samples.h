// SPDX-License-Identifier: Apache-2.0
// Studies made up for tests.
#pragma once

#include <cmath>
#include <string>

#include "astrolabe/report/search_result.h"

namespace astrolabe {

inline constexpr const char* kHostile = "</script><img src=x onerror=alert(1)>";

inline Space made_up_space(const std::string& name) {
  Space space;
  const std::size_t learner = space.add({.name = "learner", .domain = Choices{{"trees", "mlp", "linear"}}});
  (void)space.add({.name = "activation " + name,
                   .domain = Choices{{"relu", "gelu", "x*sigmoid(1.2*x) " + name, "tanh"}},
                   .when = Condition{learner, {1}}});
  (void)space.add({.name = "mlp.learning_rate",
                   .domain = RealRange{.low = 1e-4, .high = 0.1, .log_scale = true},
                   .when = Condition{learner, {1}}});
  (void)space.add({.name = "trees.rounds",
                   .domain = WholeRange{.low = 10, .high = 3000, .log_scale = true},
                   .when = Condition{learner, {0}}});
  (void)space.add({.name = "l2", .domain = RealRange{.low = 0, .high = 1}});
  return space;
}

// Trial number i: better with trees, a small l2 and many nodes, and as time goes on.
inline SearchTrial made_up_trial(const Space& space, std::size_t i, const std::string& name) {
  const Key key = Key::from_seed(5).split(i);
  RandomStream random(key.split("noise"));
  SearchTrial trial;
  trial.id = i + 1;
  trial.by = i % 3 == 0 ? "rl" : i % 7 == 0 ? "random" : "evolution" + name;
  trial.point = random_point(space, key);
  const std::vector<double>& values = trial.point.values;
  const double rate = std::isnan(values[2]) ? 0 : std::abs(std::log10(values[2]) + 2.5);
  trial.nodes = 3 + random.below(12);
  trial.score = 0.93 - 0.03 * values[0] - 0.02 * rate - 0.02 * values[4] -
                0.02 * std::exp(-static_cast<double>(i) / 60) + 0.004 * random.normal() +
                0.0015 * static_cast<double>(trial.nodes);
  trial.low = trial.score - 0.006;
  trial.high = trial.score + 0.006;
  trial.seconds = 0.5 + random.uniform();
  trial.latency_us = 1 + 0.4 * static_cast<double>(trial.nodes) + random.uniform();
  if (i % 5 == 2) {
    trial.state = TrialState::pruned;
    trial.seconds *= 0.2;
    trial.reason = "step 0: " + std::to_string(i) + " of 90 others were better " + name;
  }
  if (i % 23 == 11) {
    trial.state = TrialState::failed;
    trial.score = trial.low = trial.high = kUnknown;
    trial.reason = "left the finite numbers " + name;
  }
  return trial;
}

// A study of `count` trials over a conditional space, score = AUC; `name` is written wherever a name can be.
inline SearchResult made_up_study(std::size_t count, const std::string& name) {
  SearchResult result;
  result.name = "digits " + name;
  result.metric = "auc";
  result.higher_is_better = true;
  result.proposer = "auto " + name;
  result.pruner = "halving";
  result.proposer_summary = "evolution 61 %, rl 39 % " + name;
  result.space = made_up_space(name);
  result.preflight = SearchOutlook{.count = 6250,
                                   .hours_in_full = 333'000,
                                   .budget = "10 min will race about 400 of them.",
                                   .smallest_difference = 0.004};
  std::vector<Observation> seen;
  for (std::size_t i = 0; i < count; ++i) {
    SearchTrial trial = made_up_trial(result.space, i, name);
    trial.at = result.seconds += trial.seconds;
    seen.push_back({.point = trial.point, .by = trial.by, .state = trial.state, .steps = 1});
    if (trial.state != TrialState::failed) seen.back().cost = -trial.score;
    ++result.counts.total;
    if (trial.state == TrialState::complete) ++result.counts.complete;
    if (trial.state == TrialState::pruned) ++result.counts.pruned;
    if (trial.state == TrialState::failed) ++result.counts.failed;
    result.trials.push_back(std::move(trial));
  }
  result.counters = {{"proposed", 900}, {"duplicates", 210}, {"equivalents", 95},
                     {"refused", 31},   {"warm_starts", 12}, {"warm_starts.milliseconds", 8400}};
  if (count > 0) {
    result.formulas = {
        {"activation", "x*sigmoid(1.5*x)", "sigmoid(1.5*x)+1.5*x*sigmoid(1.5*x)*(1-sigmoid(1.5*x))"},
        {"schedule", "(1-t)^2", "-2*(1-t)"},
        {"optimizer " + name, "lr*g " + name, ""}};
  }
  result.importance = dimension_importance(result.space, seen, Key::from_seed(7));
  return result;
}

}  // namespace astrolabe
