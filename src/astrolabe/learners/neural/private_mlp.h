// SPDX-License-Identifier: Apache-2.0
// A net of the mlp family fitted with a guarantee for every row.
//
//   require_private_mlp(settings);                            // what would read rows unpaid is refused
//   PrivateOutcome fitted = fit_mlp_privately({.train = data, .settings = settings, .plan = plan, ...});
//
// What a plain fit finds out from rows is fixed here: features come scaled, the outputs' bias begins at 0,
// there is no race for a learning rate, no early stopping, no importance of features and no curve of losses.
#pragma once

#include "astrolabe/train/private_fit.h"

namespace astrolabe {

// What private training of nets begins with, where it is not the plain default.
[[nodiscard]] SettingValues private_mlp_defaults();
// Throws usage_error for settings that mix rows, or that rows would have to answer: batch normalization,
// periodic and piecewise linear embeddings, a clip of the whole gradient, patience, stop_after, and an
// optimizer whose learning rate is nobody's default.
void require_private_mlp(const SettingValues& settings);
// Settings as of require_private_mlp. Throws usage_error also for a loss whose answers are exponentials.
[[nodiscard]] PrivateOutcome fit_mlp_privately(const PrivateFitRequest& request);

}  // namespace astrolabe
