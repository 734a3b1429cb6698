// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "astrolabe/model/learner.h"

namespace astrolabe {

[[nodiscard]] const Learner& trees_learner();

}  // namespace astrolabe
