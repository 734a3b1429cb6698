// SPDX-License-Identifier: Apache-2.0
// The `cnn` family: convolutional nets on pictures, beside which a table may have other columns.
//
//   cnn_learner().fit({.train = data, .settings = {{"architecture", std::string("conv3x32-pool2-res-gap")},
//                                                  {"augmentation", std::string("shift+flip")}}, ...});
//
// Pictures come as bytes (FeatureMatrix::pixels) and become numbers batch by batch. Other columns join the
// features of the picture in front of the first dense layer. Importance is of those columns alone.
#pragma once

#include "astrolabe/model/learner.h"

namespace astrolabe {

[[nodiscard]] const Learner& cnn_learner();

}  // namespace astrolabe
