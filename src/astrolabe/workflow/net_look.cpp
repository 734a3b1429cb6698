// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/net_look.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "astrolabe/base/error.h"
#include "astrolabe/evaluate/candidate.h"
#include "astrolabe/evidence/gauss_newton.h"
#include "astrolabe/learners/neural/net_probe.h"
#include "astrolabe/pipeline/catalog.h"
#include "astrolabe/train/fit_net.h"

namespace astrolabe {
namespace {

constexpr std::size_t kSteps = 200;
constexpr std::size_t kNewtonSteps = 25;
constexpr std::size_t kMostRows = 256, kLeastRows = 24;
constexpr double kMostWork = 2e8;       // units^2 * weights, of a Gauss-Newton step
constexpr double kMostNumbers = 1.6e7;  // of a jacobian
constexpr double kNudge = 0.01;         // of a weight's size

struct ProbeData {
  FeatureMatrix features;
  Labels labels;
};

TrainingData data_of(const FilledSystem& system, const OpenData& data, std::size_t rows, Key key,
                     ThreadPool& pool) {
  std::vector<RowIndex> all(data.features.rows());
  std::iota(all.begin(), all.end(), RowIndex{0});
  const std::vector<RowIndex> some = draw_rows(all, {}, rows, key.split("rows"));
  Labels labels = take_labels(data.labels, some);
  FittedEncoding encoding = fit_encoder({.table = data.features,
                                         .rows = some,
                                         .labels = labels,
                                         .needs = find_learner(system.learner)->needs(),
                                         .key = key.split("encoder")},
                                        pool);
  return {.features = std::move(encoding.train), .labels = std::move(labels)};
}

// Rows with which a net can be looked into in seconds; 0: too large.
std::size_t affordable_rows(const NetProbe& probe) {
  const auto weights = static_cast<double>(probe.parameters()),
             outputs = static_cast<double>(probe.outputs());
  const double units = std::min(std::sqrt(kMostWork / weights), kMostNumbers / weights);
  const double rows = std::min(static_cast<double>(kMostRows), units / outputs);
  return rows < static_cast<double>(kLeastRows) ? 0 : static_cast<std::size_t>(rows);
}

void try_rates(const NetProbe& probe, const Budget& budget, NetLook& look) {
  const std::vector<float> start = probe.start();
  look.best_loss = look.own_loss;
  look.best_rate = look.own_rate;
  for (const double rate : raced_rates()) {
    if (budget.should_stop()) return;
    const double loss = probe.loss(probe.trained(start, kSteps, rate));
    if (!(loss < look.best_loss)) continue;
    look.best_loss = loss;
    look.best_rate = rate;
  }
}

void try_gauss_newton(const NetProbe& probe, const Budget& budget, NetLook& look) {
  const GaussNewtonFit fit =
      fit_gauss_newton({.linearize =
                            [&](std::span<const float> w) {
                              NetLinear at = probe.linearize(w);
                              return Linearized{.units = at.units,
                                                .parameters = at.parameters,
                                                .jacobian = std::move(at.jacobian),
                                                .slope = std::move(at.slope),
                                                .bend = std::move(at.bend)};
                            },
                        .loss = [&](std::span<const float> w) { return probe.loss(w); },
                        .should_stop = [&] { return budget.should_stop(); }},
                       probe.start(), kNewtonSteps);
  look.newton_steps = fit.losses.size() - 1;
  look.newton_loss = fit.losses.back();
}

void try_nudge(const NetProbe& probe, Key key, NetLook& look) {
  const std::vector<float> there = probe.trained(probe.start(), kSteps, look.best_rate);
  std::vector<float> nudged = there;
  RandomStream random(key);
  for (float& weight : nudged)
    if (weight != 0) weight += static_cast<float>(kNudge * random.normal());
  look.standing_loss = probe.loss(probe.trained(there, kSteps / 2, look.best_rate));
  look.nudged_loss = probe.loss(probe.trained(nudged, kSteps / 2, look.best_rate));
}

NetLook look_at(const NetProbe& probe, Key key, const Budget& budget) {
  NetLook look{.rows = probe.rows(), .parameters = probe.parameters(), .steps = kSteps};
  const std::vector<float> start = probe.start();
  look.own_rate = probe.learning_rate() > 0 ? probe.learning_rate() : raced_rates()[2];
  look.start_loss = probe.loss(start);
  const std::vector<float> own = probe.trained(start, kSteps, look.own_rate);
  look.own_loss = probe.loss(own);
  const NetSignal first = probe.signal(start), later = probe.signal(own);
  look.layers = first.layers.size();
  look.dead_at_start = first.most_dead();
  look.dead_after = later.most_dead();
  look.signal_ratio = std::isfinite(first.ratio()) ? first.ratio() : 1;
  look.unmoved = probe.unmoved_share(start, look.own_rate);
  try_rates(probe, budget, look);
  try_gauss_newton(probe, budget, look);
  try_nudge(probe, key.split("nudge"), look);
  return look;
}

}  // namespace

std::optional<NetLook> look_inside(const FilledSystem& system, const OpenData& data, Key key,
                                   ThreadPool& pool, const Budget& budget) {
  if (system.learner != "mlp") return std::nullopt;
  try {
    const std::size_t rows = std::min(kMostRows, data.features.rows());
    const TrainingData many = data_of(system, data, rows, key, pool);
    const NetProbe first(many, system.settings, key.split("probe"), pool);
    const std::size_t affordable = std::min(rows, affordable_rows(first));
    if (affordable < kLeastRows) return std::nullopt;
    const TrainingData few = data_of(system, data, affordable, key, pool);
    return look_at(NetProbe(few, system.settings, key.split("probe"), pool), key, budget);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::usage) throw;
    return std::nullopt;  // batch normalization, or one class among few rows
  }
}

}  // namespace astrolabe
