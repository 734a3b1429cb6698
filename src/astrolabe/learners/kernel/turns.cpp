// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/kernel/turns.h"

#include <cstddef>

namespace astrolabe::kernel {
namespace {

constexpr float kRounder = 12'582'912.0F;  // 1.5 * 2^23: adding it and taking it off rounds to a whole number
constexpr float kPi = 3.14159265358979F;

}  // namespace

// With x = pi r for the angle's rest r in [-1/2, 1/2]: sin 2x = 2 sin x cos x and cos 2x = 1 - 2 sin^2 x,
// where Taylor's series of degree 13 and 12 are exact to f32 up to pi/2. No branches: the compiler takes four
// or more at once.
void cosines_and_sines(std::span<const float> turns, float scale, std::span<float> cosines,
                       std::span<float> sines) {
  const float* __restrict in = turns.data();
  float* __restrict cosine_out = cosines.data();
  float* __restrict sine_out = sines.data();
  const std::size_t count = turns.size();
  for (std::size_t i = 0; i < count; ++i) {
    const float turn = in[i];
    const float rest = turn - ((turn + kRounder) - kRounder);
    const float x = kPi * rest;
    const float s = x * x;
    const float odd =
        1.0F +
        s * (-1.0F / 6 +
             s * (1.0F / 120 + s * (-1.0F / 5040 + s * (1.0F / 362'880 + s * (-1.0F / 39'916'800 +
                                                                              s * (1.0F / 6'227'020'800))))));
    const float even =
        1.0F +
        s * (-1.0F / 2 +
             s * (1.0F / 24 + s * (-1.0F / 720 + s * (1.0F / 40'320 +
                                                      s * (-1.0F / 3'628'800 + s * (1.0F / 479'001'600))))));
    const float sine = x * odd;
    cosine_out[i] = scale - (2 * scale) * (sine * sine);
    sine_out[i] = (2 * scale) * (sine * even);
  }
}

}  // namespace astrolabe::kernel
