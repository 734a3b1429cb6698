// SPDX-License-Identifier: Apache-2.0
// The class that the schedule of a convolution is found by: its direction, sizes, steps and rim.
//
//   convolve_class(step);                            // "conv 64x28x28x16 3x3x32"
//   convolve_class(other);                           // "conv-input 64x28x28x16 3x3x32 14x14 steps=2x2
//   before=0x0" parse_convolve_class("conv-filters 64x28x28x16 3x3x32 steps=2x2");   // as much rim as "same"
//   asks for
//
// Pictures n x h x w x c, filters kh x kw x f. Steps of 1 and the rim by which a step of 1 gives answers as
// large as the picture are left out. Members of a batch, and parts of it, are of one class.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "astrolabe/lower/plan.h"

namespace astrolabe {

[[nodiscard]] std::string convolve_class(const ConvolveStep& step);

// Without answers and rim: as many answers as a step fits the picture, rounded up, the rim as even as it can
// be, less of it before. Nothing for another text, for sizes of 0 or above 2^20, operands or results above
// 2^28 elements, and windows that see no pixel.
[[nodiscard]] std::optional<ConvolveStep> parse_convolve_class(std::string_view text);

// Elements of the pictures, the filters, the answers.
struct ConvolveSizes {
  std::size_t pictures = 0, filters = 0, answers = 0;
};
[[nodiscard]] ConvolveSizes convolve_sizes(const ConvolveStep& step);  // of one member

}  // namespace astrolabe
