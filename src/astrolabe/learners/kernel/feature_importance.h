// SPDX-License-Identifier: Apache-2.0
// How much each feature matters: how far scores move when rows of the sample swap its values.
//
//   const std::vector<double> shares = measure_importance(featurizer, coefficients, survey.sample, pool);
#pragma once

#include <span>
#include <vector>

#include "astrolabe/learners/kernel/featurizer.h"
#include "astrolabe/learners/kernel/survey.h"

namespace astrolabe::kernel {

// [features], the mean absolute movement over up to 256 rows, fewer where there are many features;
// non-negative, summing to 1, or all 0. Source: Breiman, "Random forests" (2001), section 10, of scores
// instead of errors.
[[nodiscard]] std::vector<double> measure_importance(const Featurizer& featurizer,
                                                     std::span<const float> coefficients,
                                                     const Sample& sample, ThreadPool& pool);

}  // namespace astrolabe::kernel
