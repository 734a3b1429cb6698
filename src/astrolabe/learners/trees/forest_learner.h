// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "astrolabe/model/learner.h"

namespace astrolabe {

// The mean of deep trees that are grown alone: extremely randomised ones, or a random forest.
[[nodiscard]] const Learner& forest_learner();

}  // namespace astrolabe
