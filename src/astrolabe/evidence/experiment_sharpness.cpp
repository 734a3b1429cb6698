// SPDX-License-Identifier: Apache-2.0
// Gradient descent on all rows of a small regression, with the largest eigenvalue of the Hessian beside it.
// On a quadratic, steps of rate lr diverge where that eigenvalue passes 2 / lr. Nets do not keep below: they
// sharpen until they are there, and hover.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/evidence/experiments.h"
#include "astrolabe/evidence/small_net.h"
#include "astrolabe/evidence/spectrum.h"
#include "astrolabe/evidence/training_probe.h"
#include "astrolabe/train/divergence.h"

namespace astrolabe {
namespace {

constexpr std::size_t kRows = 160, kTestRows = 500, kLooks = 60, kProbes = 24;
constexpr double kLow = 0.8, kHigh = 1.3;  // of the edge: what counts as there

struct Descent {
  ExperimentCurve sharpness;  // over that of the edge
  double first = 0, last = 0, trace = 0, trace_error = 0, loss = 0;
  bool diverged = false;
};

Descent descend(const SmallNet& net, double rate, std::size_t steps, Key key) {
  LossCurvature curvature(net);
  Trainer trainer(net.setup({.learning_rate = rate}, steps, key.split("order")));
  trainer.start(net.first_weights(Initialization::lecun, key.split("weights")));
  Descent descent{.sharpness = {.name = fmt::format("rate {:g}", rate), .x = {}, .y = {}}};
  std::vector<double> seen;
  const std::size_t stride = std::max<std::size_t>(1, steps / kLooks);
  DivergenceWatch watch;
  for (std::size_t step = 0; step <= steps && !descent.diverged; ++step) {
    if (step % stride == 0) {
      seen.push_back(curvature.sharpness(trainer.w(), key.split("lanczos")));
      descent.sharpness.x.push_back(static_cast<double>(step));
      descent.sharpness.y.push_back(seen.back() * rate / 2);
    }
    if (step == steps) break;
    descent.loss = static_cast<double>(trainer.step());
    descent.diverged = watch.is_divergent(descent.loss);
  }
  descent.first = seen.front();
  descent.last = median_of_last_quarter(seen);
  const TraceEstimate trace = curvature.trace(trainer.w(), kProbes, key.split("signs"));
  descent.trace = trace.value;
  descent.trace_error = trace.standard_error;
  return descent;
}

}  // namespace

ExperimentResult run_sharpness(const ExperimentRequest& request) {
  const std::size_t steps = request.count("steps", 60, 100'000);
  const SmallTask task = draw_numbers(kRows, kTestRows, request.key.split("task"));
  const SmallNet net(task, {.architecture = request.text("architecture"),
                            .activation = request.text("activation"),
                            .loss = request.text("loss")});
  ExperimentResult result{.key = "rate",
                          .rows = {},
                          .plot = {"step", "largest eigenvalue over 2 / rate", false, {}},
                          .prediction = {},
                          .words = {}};
  result.prediction = fmt::format(
      "gradient descent that begins below the edge 2 / rate sharpens until it is there: over the last "
      "quarter "
      "of {} steps the largest eigenvalue is {:g} to {:g} of it, at every rate",
      steps, kLow, kHigh);
  std::vector<std::string> there, elsewhere, above;
  for (const double rate : request.numbers("rates", 1e-6, 100)) {
    const Descent descent = descend(net, rate, steps, request.key);
    const double edge = 2 / rate, share = descent.last / edge;
    result.rows.push_back({fmt::format("{:g}", rate),
                           {{"edge", edge},
                            {"at_first", descent.first},
                            {"at_last", descent.last},
                            {"of_edge", share},
                            {"trace", descent.trace},
                            {"trace_error", descent.trace_error},
                            {"loss", descent.loss}}});
    result.plot.curves.push_back(descent.sharpness);
    const std::string told =
        descent.diverged ? fmt::format("{:g} diverged", rate) : fmt::format("{:.2f} at {:g}", share, rate);
    if (descent.first >= edge) {
      above.push_back(fmt::format("{:g}", rate));
    } else if (!descent.diverged && share >= kLow && share <= kHigh) {
      there.push_back(told);
    } else {
      elsewhere.push_back(told);
    }
  }
  result.verdict = !elsewhere.empty() ? ExperimentVerdict::refuted
                   : there.empty()    ? ExperimentVerdict::undecided
                                      : ExperimentVerdict::confirmed;
  std::vector<std::string> clauses;
  if (!there.empty()) clauses.push_back(fmt::format("at the edge: {}", fmt::join(there, ", ")));
  if (!elsewhere.empty()) clauses.push_back(fmt::format("elsewhere: {}", fmt::join(elsewhere, ", ")));
  if (!above.empty()) clauses.push_back(fmt::format("above it from the start: {}", fmt::join(above, ", ")));
  result.words = fmt::format("{}", fmt::join(clauses, "; "));
  return result;
}

}  // namespace astrolabe
