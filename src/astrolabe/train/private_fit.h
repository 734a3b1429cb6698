// SPDX-License-Identifier: Apache-2.0
// What a learner is given for a private fit, and the loop of its steps.
//
//   PrivateFit fit = fit_private_net(setup, plan, start, budget, progress);
//   fit.w, fit.steps       // the weights, and how many steps the ledger must hold
//
// No loss is measured, nothing is watched and no step is taken twice: whatever looked at rows would have to
// be paid for.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "astrolabe/model/learner.h"
#include "astrolabe/train/private_trainer.h"

namespace astrolabe {

// Of the target of a regression, as the user declared them.
struct TargetBounds {
  double low = 0, high = 1;
};

struct PrivateFitRequest {
  const TrainingData& train;  // encoded without statistics of rows; labels without weights
  const SettingValues& settings;
  const PrivatePlan& plan;
  TargetBounds bounds;  // regression only: labels are cut to them
  Key key;              // of the first weights, which tell nothing
  ThreadPool& pool;
  const Budget& budget;
  std::function<void(double fraction)> progress = {};
};

struct PrivateOutcome {
  std::unique_ptr<const Model> model;
  std::uint64_t steps = 0;   // that were taken
  double sampling_rate = 1;  // with which they were
};

struct PrivateFit {
  std::vector<float> w;
  std::uint64_t steps = 0;
  double sampling_rate = 1;
  bool cut_short = false;
};

// Ends early with the budget, but not before the first step unless a signal asked for it: then it throws
// cancelled. Throws nothing_fitted where weights leave the finite numbers.
[[nodiscard]] PrivateFit fit_private_net(const TrainerSetup& setup, const PrivatePlan& plan,
                                         std::span<const float> start, const Budget& budget,
                                         const std::function<void(double)>& progress);

// The middle of the bounds becomes 0 and a quarter of their width 1: [rows], labels beyond them cut.
[[nodiscard]] std::vector<float> bounded_labels(const Labels& labels, const TargetBounds& bounds);
// How far answers are from z: answer = centre + scale z.
struct BoundedAnswer {
  double centre = 0, scale = 1;
};
[[nodiscard]] BoundedAnswer answer_of(const TargetBounds& bounds);

}  // namespace astrolabe
