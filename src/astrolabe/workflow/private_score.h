// SPDX-License-Identifier: Apache-2.0
// The score of held-out rows with noise: what can be said of them without telling any of them.
//
//   const PrivateScore scored = score_privately({.task = task, .labels = labels, .predicted = p, ...});
//   scored.estimate, scored.steps     // "0.8497 [0.8401, 0.8592]", and the ledger's line
//
// Each row counts for 0 to 1: whether its class was right, or its squared error in units of the square of the
// target's bounds, cut there. The sum has Gaussian noise; how many rows there are is no secret. The interval
// holds both the noise and what other rows would have given: the variance of numbers between 0 and 1 with
// mean m is at most m (1 - m).
#pragma once

#include <span>

#include "astrolabe/base/random.h"
#include "astrolabe/model/task.h"
#include "astrolabe/privacy/guarantee.h"
#include "astrolabe/stats/interval.h"
#include "astrolabe/train/private_fit.h"

namespace astrolabe {

struct PrivateScoreRequest {
  const Task& task;  // judged by accuracy or rmse
  const Labels& labels;
  std::span<const double> predicted;  // [rows * outputs]
  TargetBounds bounds;                // regression only
  PrivacyBudget budget;
  Key secret;
};

struct PrivateScore {
  Estimate estimate;
  PrivateSteps steps;
};

// At least one row.
[[nodiscard]] PrivateScore score_privately(const PrivateScoreRequest& request);

}  // namespace astrolabe
