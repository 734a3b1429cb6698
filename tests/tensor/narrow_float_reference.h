// SPDX-License-Identifier: Apache-2.0
// What rounding to a 16-bit float means, written without a single bit trick: a table of all finite values as
// doubles (built with ldexp), a search in it, and comparisons that doubles make exactly.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "astrolabe/tensor/narrow_float.h"

namespace astrolabe::narrow_float_reference {

struct Bf16Facts {
  using Type = Bf16;
  static constexpr int kFractionBits = 7;
  static constexpr int kBias = 127;
  static Type convert(float value, Rounding rounding, std::uint32_t random_bits) {
    return to_bf16(value, rounding, random_bits);
  }
  static Type nearest(float value) { return to_bf16(value); }
};

struct F16Facts {
  using Type = F16;
  static constexpr int kFractionBits = 10;
  static constexpr int kBias = 15;
  static Type convert(float value, Rounding rounding, std::uint32_t random_bits) {
    return to_f16(value, rounding, random_bits);
  }
  static Type nearest(float value) { return to_f16(value); }
};

// The values of the bit patterns 0 to infinity, ascending. Infinity has the value that the next finite number
// would have, which is where rounding to infinity is decided.
template <class Facts>
std::vector<double> positive_values() {
  const int steps = 1 << Facts::kFractionBits;
  std::vector<double> values;
  for (int exponent = 0; exponent <= 2 * Facts::kBias; ++exponent) {
    for (int step = 0; step < steps; ++step) {
      const double significand = (exponent == 0 ? 0.0 : 1.0) + static_cast<double>(step) / steps;
      values.push_back(std::ldexp(significand, std::max(exponent, 1) - Facts::kBias));
    }
  }
  values.push_back(std::ldexp(1.0, Facts::kBias + 1));
  return values;
}

// Where |value| lies: the pattern at or below it, and for how many of 2^32 random numbers it goes to the
// next.
struct Place {
  std::size_t below = 0;
  double part = 0;                 // the distance from `below` as a part of the gap, exact
  std::uint64_t random_share = 0;  // floor(2^32 part)
};

// `hint` is a pattern at or below the wanted one; searching upwards from it is quick in an ascending sweep.
inline Place place_of(double magnitude, const std::vector<double>& values, std::size_t hint) {
  std::size_t below = hint;
  while (below + 1 < values.size() && values[below + 1] <= magnitude) ++below;
  if (below + 1 == values.size()) return {below, 0.0, 0};
  // The gap is a power of two, and magnitude has at most 24 bits: both operations are exact.
  const double part = (magnitude - values[below]) / (values[below + 1] - values[below]);
  return {below, part, static_cast<std::uint64_t>(std::floor(std::ldexp(part, 32)))};
}

inline std::size_t nearest_even(const Place& place) {
  if (place.part != 0.5) return place.below + (place.part > 0.5 ? 1 : 0);
  return place.below + place.below % 2;  // neighbours alternate between even and odd patterns
}

inline std::size_t toward_zero(const Place& place, const std::vector<double>& values) {
  return std::min(place.below, values.size() - 2);
}

// Whether this finite value of either sign rounds as the definition says, in every mode; for stochastic,
// whether it turns at exactly the right one of the 2^32 random numbers.
template <class Facts>
bool rounds_as_defined(float value, const Place& place, const std::vector<double>& values) {
  const std::size_t sign = std::signbit(value) ? 0x8000 : 0;
  const auto gives = [&](Rounding rounding, std::uint64_t random_bits, std::size_t pattern) {
    return Facts::convert(value, rounding, static_cast<std::uint32_t>(random_bits)).bits == (sign | pattern);
  };
  const bool turns = place.random_share > 0;
  return gives(Rounding::nearest_even, 0, nearest_even(place)) &&
         Facts::nearest(value).bits == (sign | nearest_even(place)) &&  // a routine of its own
         gives(Rounding::toward_zero, 0, toward_zero(place, values)) &&
         gives(Rounding::stochastic, 0, place.below + (turns ? 1 : 0)) &&
         (!turns || gives(Rounding::stochastic, place.random_share - 1, place.below + 1)) &&
         gives(Rounding::stochastic, place.random_share, place.below) &&
         gives(Rounding::stochastic, 0xFFFF'FFFF, place.below);
}

}  // namespace astrolabe::narrow_float_reference
