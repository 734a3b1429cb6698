// SPDX-License-Identifier: Apache-2.0
// Kernel machines in linear time: random features or landmarks stand for the kernel, a penalised linear model
// works on them.
//
//   std::unique_ptr<const Model> model = kernel_learner().fit(
//       {.train = data, .settings = {{"kernel", std::string("matern52")}, {"components",
//       std::int64_t{2000}}},
//        .key = key, .pool = pool, .budget = budget});
//
// Numbers by ridge regression, classes and counts by penalised likelihood; the penalty by rows held out.
// Cost: rows * components^2 / 2 for a ridge, whatever the number of penalties.
//
// Sources: Rahimi and Recht, "Random features for large-scale kernel machines" (NIPS 2007); Yu and others,
// "Orthogonal random features" (NIPS 2016); Williams and Seeger, "Using the Nystroem method to speed up
// kernel machines" (NIPS 2000).
#pragma once

#include "astrolabe/model/learner.h"

namespace astrolabe {

[[nodiscard]] const Learner& kernel_learner();

}  // namespace astrolabe
