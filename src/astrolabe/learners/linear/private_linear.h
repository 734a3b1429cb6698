// SPDX-License-Identifier: Apache-2.0
// A linear model fitted with a guarantee for every row: by noisy steps instead of a solver.
//
//   require_private_linear(settings);
//   PrivateOutcome fitted = fit_linear_privately({.train = data, .settings = settings, .plan = plan, ...});
//
// The models are those of the linear family. The penalty is the one that is told, and 0, which elsewhere
// means "find out", is none.
#pragma once

#include "astrolabe/train/private_fit.h"

namespace astrolabe {

// Throws usage_error for a lasso, a Poisson family, and settings of the path of penalties, which rows would
// have to choose from.
void require_private_linear(const SettingValues& settings);
// Settings as of require_private_linear.
[[nodiscard]] PrivateOutcome fit_linear_privately(const PrivateFitRequest& request);

}  // namespace astrolabe
