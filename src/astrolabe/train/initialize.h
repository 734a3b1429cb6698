// SPDX-License-Identifier: Apache-2.0
// The weights that a net begins with, drawn from a key.
//
//   const std::vector<float> w = initial_weights(layout, Initialization::he, {}, key.split("weights"));
//
// Matrices of outputs and the second ones of residual blocks begin at zero, so the first prediction is the
// outputs' bias and every residual block begins as the identity.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/train/net.h"

namespace astrolabe {

// Standard deviation of a matrix [in, out], or of filters, whose in is a window's values and whose out the
// values that one of them enters: he sqrt(2 / in), glorot sqrt(2 / (in + out)), lecun sqrt(1 / in);
// orthogonal: orthonormal rows or columns, whichever are fewer, times sqrt(2).
enum class Initialization : std::uint8_t { he, glorot, lecun, orthogonal };

// [layout.size]. `bias` is of the outputs; empty: zeros. Pure. Each parameter has its own key, so that a
// wider layer does not change what another one draws.
[[nodiscard]] std::vector<float> initial_weights(const ParameterLayout& layout, Initialization initialization,
                                                 std::span<const float> bias, Key key);

// [layout.running_size]: means 0, variances 1.
[[nodiscard]] std::vector<float> initial_running(const ParameterLayout& layout);

}  // namespace astrolabe
