// SPDX-License-Identifier: Apache-2.0
// The fit that all families of nets share: inputs, targets, first weights, training, importance.
//
//   return fit_net_model(request, settings, {.texts = texts, .augmentation = augmentation});
#pragma once

#include <memory>

#include "astrolabe/learners/neural/mlp_design.h"
#include "astrolabe/model/learner.h"
#include "astrolabe/train/augmentation.h"

namespace astrolabe::neural {

// What a family decides before a fit.
struct NetPlan {
  NetTexts texts;
  Augmentation augmentation = {};  // of the pictures, if the features have any
  double trusted_share = 0.25;     // of the time left that a training may plan to fill
  bool follows_clock = false;      // FitPlan's
  double reserved_epochs = 0;      // of which so much of the time stays free
  // Settings that the family filled in where they were left open: a fit that goes on may do with less.
  bool filled_epochs = false, filled_rate = false;
};

// Promises and errors are those of Learner::fit.
[[nodiscard]] std::unique_ptr<const Model> fit_net_model(const FitRequest& request,
                                                         const MlpSettings& settings, const NetPlan& asked);

}  // namespace astrolabe::neural
