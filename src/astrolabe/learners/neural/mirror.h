// SPDX-License-Identifier: Apache-2.0
// Whether a picture seen in a mirror is still one of its class: clothes are, digits are not.
//
//   if (mirrors_keep_their_class(pixels, labels)) augmentation.flips = true;
#pragma once

#include "astrolabe/data/pixels.h"
#include "astrolabe/model/task.h"

namespace astrolabe::neural {

// Asked of the mean pictures of the classes: whether mirrored pictures are nearest to the mean of their own
// class nearly as often as the pictures themselves. False for numbers and for classes that means do not tell
// apart. Pure. Cost: one look at at most 4,096 pictures per class.
[[nodiscard]] bool mirrors_keep_their_class(const Pixels& pixels, const Labels& labels);

}  // namespace astrolabe::neural
