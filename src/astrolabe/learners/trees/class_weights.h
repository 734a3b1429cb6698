// SPDX-License-Identifier: Apache-2.0
// Weights of classes, on top of the rows' own.
//
//   const std::vector<double> weights = class_weights("balanced", train);   // {0.53, 9.1}
//   const Labels weighed = with_class_weights(train, weights);
//   class_weights("1,4", train);                                            // class by class
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "astrolabe/model/task.h"

namespace astrolabe::trees {

// Throws bad_input for a weight that is negative, infinite or not a number. Weights that are all 0 count
// alike, as everywhere (task.h); a run refuses them before it fits anything.
void require_weights(const Labels& labels);

// [classes], or empty for "none". "balanced": what makes all classes weigh alike, and all rows together as
// much as before; a class that no row has counts 1. Throws bad_input for a text that is none of these, a
// task of numbers, a wrong number of weights, a weight that is negative or not finite, weights that are all
// 0.
[[nodiscard]] std::vector<double> class_weights(std::string_view setting, const Labels& labels);

// The labels, each row's weight times that of its class. No change for no weights.
[[nodiscard]] Labels with_class_weights(const Labels& labels, std::span<const double> weights);

}  // namespace astrolabe::trees
