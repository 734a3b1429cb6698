// SPDX-License-Identifier: Apache-2.0
// Numbers to measure with: ordinary ones, so that no denormal and no NaN slows anything down.
//
//   Buffer a = random_floats(m * k, key.split("a"));                    // f32 in [-0.5, 0.5)
//   Buffer x = sample_values(ElementType::f64, 100, key.split("x"));    // between 0.05 and 0.95
#pragma once

#include <cstddef>

#include "astrolabe/base/random.h"
#include "astrolabe/tensor/buffer.h"
#include "astrolabe/tensor/element_type.h"

namespace astrolabe {

[[nodiscard]] Buffer random_floats(std::size_t count, Key key);

// f32 and f64 between 0.05 and 0.95, where logarithms, roots and quotients are ordinary; zeros of every other
// type. At least a byte.
[[nodiscard]] Buffer sample_values(ElementType type, std::size_t count, Key key);

}  // namespace astrolabe
