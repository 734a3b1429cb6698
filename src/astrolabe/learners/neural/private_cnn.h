// SPDX-License-Identifier: Apache-2.0
// A net of pictures fitted with a guarantee for every picture.
//
//   require_private_cnn(settings);                            // what would read rows unpaid is refused
//   PrivateOutcome fitted = fit_cnn_privately({.train = data, .settings = settings, .plan = plan, ...});
//
// Bytes become numbers between -1 and 1, whatever the pictures are. They may be shifted, mirrored and hidden
// in part, each by itself: what a step adds of a picture, clipped, is still that picture's own. Laid over
// each other they may not be, and whether mirrored ones are still of their class is not asked of them.
#pragma once

#include "astrolabe/train/private_fit.h"

namespace astrolabe {

// What private training of nets of pictures begins with, where it is not the plain default.
[[nodiscard]] SettingValues private_cnn_defaults();
// Throws usage_error as require_private_mlp does, and for mixup and an augmentation that pictures would
// choose.
void require_private_cnn(const SettingValues& settings);
// Settings as of require_private_cnn; the rows have pictures. Throws usage_error also for a loss whose
// answers are exponentials and for a net that pools a picture away.
[[nodiscard]] PrivateOutcome fit_cnn_privately(const PrivateFitRequest& request);

}  // namespace astrolabe
