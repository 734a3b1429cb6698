// SPDX-License-Identifier: Apache-2.0
// The `mlp` family: dense nets on tables, every slot of which takes a text of the expression language.
//
//   mlp_learner().fit({.train = data, .settings = {{"architecture", std::string("64-64")},
//                                                  {"activation", std::string("x*sigmoid(1.5*x)")}}, ...});
#pragma once

#include "astrolabe/model/learner.h"

namespace astrolabe {

[[nodiscard]] const Learner& mlp_learner();

}  // namespace astrolabe
