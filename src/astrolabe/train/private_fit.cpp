// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/private_fit.h"

#include <algorithm>

#include "astrolabe/base/error.h"
#include "astrolabe/train/divergence.h"

namespace astrolabe {
namespace {

constexpr std::uint64_t kToldSteps = 16;

}  // namespace

PrivateFit fit_private_net(const TrainerSetup& setup, const PrivatePlan& plan, std::span<const float> start,
                           const Budget& budget, const std::function<void(double)>& progress) {
  PrivateTrainer trainer(setup, plan);
  trainer.start(start);
  PrivateFit fit{.w = {}, .sampling_rate = trainer.sampling_rate()};
  while (trainer.steps_done() < plan.steps && !fit.cut_short) {
    // One step always fits: a model of one is better than none. Only a signal ends it before that.
    if (budget.should_stop() && (trainer.steps_done() > 0 || cancel_requested())) {
      fit.cut_short = true;
    } else {
      trainer.step();
    }
    const std::uint64_t done = trainer.steps_done();
    if (progress && (done % kToldSteps == 0 || done == plan.steps))
      progress(static_cast<double>(done) / static_cast<double>(plan.steps));
  }
  fit.steps = trainer.steps_done();
  if (fit.steps == 0)
    throw cancelled({.attempted = "private training",
                     .expected = "a first step",
                     .found = "a signal to stop before it",
                     .remedy = "Run it again."});
  if (!all_finite(trainer.w()))
    throw nothing_fitted({.attempted = "private training",
                          .expected = "finite weights",
                          .found = "some that are not, after " + std::to_string(fit.steps) + " steps",
                          .remedy = "Choose a smaller learning rate, or a bounded activation such as tanh. "
                                    "The steps that were taken are spent all the same."});
  fit.w.assign(trainer.w().begin(), trainer.w().end());
  return fit;
}

BoundedAnswer answer_of(const TargetBounds& bounds) {
  return {.centre = bounds.low / 2 + bounds.high / 2, .scale = (bounds.high / 4 - bounds.low / 4)};
}

std::vector<float> bounded_labels(const Labels& labels, const TargetBounds& bounds) {
  const BoundedAnswer answer = answer_of(bounds);
  std::vector<float> y;
  y.reserve(labels.rows());
  for (const double value : labels.values)
    y.push_back(
        static_cast<float>((std::clamp(value, bounds.low, bounds.high) - answer.centre) / answer.scale));
  return y;
}

}  // namespace astrolabe
