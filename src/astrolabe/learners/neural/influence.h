// SPDX-License-Identifier: Apache-2.0
// How much each feature moves the answers of a net: the importance of features.
//
//   const std::vector<double> share = feature_influence(net, layout, plan, weights, features);   // sums to 1
//
// Of a sample of rows, the mean over rows and outputs of |gradient . (input - mean input)|, summed over the
// columns that a feature has: what a first-order step from the mean row to this row changes because of this
// feature.
#pragma once

#include <vector>

#include "astrolabe/base/thread_pool.h"
#include "astrolabe/learners/neural/fitted_weights.h"
#include "astrolabe/learners/neural/input_plan.h"
#include "astrolabe/learners/neural/mlp_design.h"
#include "astrolabe/model/feature_matrix.h"

namespace astrolabe::neural {

// [features], summing to 1, or all 0 where no feature moves anything. A picture is no feature: its pixels
// stay as they are.
[[nodiscard]] std::vector<double> feature_influence(const NetSpec& net, const ParameterLayout& layout,
                                                    const InputPlan& plan, const FittedWeights& weights,
                                                    const FeatureMatrix& features, ThreadPool& pool,
                                                    const PictureInput& picture = {});

}  // namespace astrolabe::neural
