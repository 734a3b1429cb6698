// SPDX-License-Identifier: Apache-2.0
// The honest floor: a model that has seen the labels and never looks at a feature. Whatever is shipped must
// beat it.
//
//   std::unique_ptr<const Model> floor = baseline_learner().fit(
//       {.train = data, .settings = {}, .key = key, .pool = pool, .budget = budget});
//   floor->predict(features, out);  // the same answer for every row
//
// Classes: the weighted share of each class. Numbers: the weighted mean, or with statistic=median the
// weighted median (the least absolute error a constant can have). Cost: one pass over the labels, a sort for
// the median.
#pragma once

#include "astrolabe/model/learner.h"

namespace astrolabe {

[[nodiscard]] const Learner& baseline_learner();

}  // namespace astrolabe
