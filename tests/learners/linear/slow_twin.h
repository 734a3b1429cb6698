// SPDX-License-Identifier: Apache-2.0
// The linear learner, slow and obvious: accelerated proximal gradient steps on a dense matrix, all
// coefficients at once, until nothing moves. No centring, no paths, no second derivatives.
//
// Source: Beck and Teboulle, "A fast iterative shrinkage-thresholding algorithm", SIAM J. Imaging Sci. 2009;
// restarts: O'Donoghue and Candes, 2015.
#pragma once

#include <vector>

#include "astrolabe/learners/linear/linear_settings.h"
#include "astrolabe/model/learner.h"

namespace astrolabe::linear {

// Predictions for the training rows, [rows, outputs], of the model that minimises the objective of linear.h.
[[nodiscard]] std::vector<double> predict_slowly(const TrainingData& train, Family family, double penalty,
                                                 double l1_ratio);

}  // namespace astrolabe::linear
