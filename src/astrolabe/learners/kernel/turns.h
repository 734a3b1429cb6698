// SPDX-License-Identifier: Apache-2.0
// Cosines and sines of many angles at once, in f32. Angles are in turns, so that whole ones drop off exactly.
//
//   cosines_and_sines(turns, 0.5F, cosines, sines);   // cosines[i] = 0.5 cos(2 pi turns[i])
#pragma once

#include <span>

namespace astrolabe::kernel {

// All of one length; angles within +-2^22 turns. Off by at most 6e-7 of `scale`. Additions and
// multiplications only, so the same bytes on any instruction set. May not overlap.
void cosines_and_sines(std::span<const float> turns, float scale, std::span<float> cosines,
                       std::span<float> sines);

}  // namespace astrolabe::kernel
