// SPDX-License-Identifier: Apache-2.0
// Linear models with a penalty: elastic-net regression, logistic, multinomial and Poisson regression.
//
//   std::unique_ptr<const Model> model = linear_learner().fit(
//       {.train = data, .watch = &watch, .settings = {{"l1_ratio", 0.5}}, .key = key, .pool = pool,
//        .budget = budget});
//   std::get<double>(model->settings_found().at("penalty"));  // chosen on the watched rows
//
// Minimises   sum_i w_i loss(y_i, b0 + x_i b) / sum_i w_i  +  penalty ((1 - l1_ratio)/2 |b|^2 + l1_ratio
// |b|_1) over b and the intercept b0, which is free. Numbers are measured in their standard deviation
// (gaussian) or their mean (poisson), so a penalty means the same in any unit. The penalty follows a path
// from strong to weak, each fit starting where the last one ended; the best on watched rows, or on rows held
// out, wins. Cost: a few dozen passes over the nonzero values; below 512 features one Gram matrix per Newton
// step.
//
// Sources: Friedman, Hastie and Tibshirani, "Regularization paths for generalized linear models via
// coordinate descent", J. Stat. Softw. 33(1), 2010. Tibshirani et al., "Strong rules for discarding
// predictors in lasso-type problems", J. R. Stat. Soc. B 74, 2012.
#pragma once

#include "astrolabe/model/learner.h"

namespace astrolabe {

[[nodiscard]] const Learner& linear_learner();

}  // namespace astrolabe
