// SPDX-License-Identifier: Apache-2.0
// The two 16-bit floats that are for storage, and how f32 is rounded to them. Arithmetic happens in f32.
//
//   const Bf16 stored = to_bf16(0.1F);                                  // nearest, ties to even: 0x3DCD
//   to_f32(stored);                                                     // 0.100097656F; widening is exact
//   to_f16(1e6F, Rounding::toward_zero, 0);                             // 65504, the largest finite
//   to_f16(0.1F, Rounding::stochastic, bits);                           // one of the two neighbours
//   narrow(weights, stored_weights, Rounding::stochastic, random_bits); // spans
//
// All by integer arithmetic: no rounding mode, flush-to-zero flag or instruction set changes a bit.
// Source: IEEE 754-2019 (binary16, rounding attributes); bf16 is the upper half of binary32. Stochastic
// rounding: Gupta et al., "Deep learning with limited numerical precision", ICML 2015.
#pragma once

#include <cstdint>
#include <span>

#include "astrolabe/tensor/element_type.h"

namespace astrolabe {

struct Bf16 {  // sign, 8 bits of exponent, 7 of fraction: the range of f32
  std::uint16_t bits = 0;
  friend bool operator==(const Bf16&, const Bf16&) = default;  // of the bits: -0 is not +0, a NaN is itself
};

struct F16 {  // sign, 5 bits of exponent, 10 of fraction: 6e-8 (subnormal) to 65504
  std::uint16_t bits = 0;
  friend bool operator==(const F16&, const F16&) = default;
};

template <>
inline constexpr ElementType element_type_of<Bf16> = ElementType::bf16;
template <>
inline constexpr ElementType element_type_of<F16> = ElementType::f16;

// How a value between two neighbours is rounded. A representable value never changes, infinities stay, zeros
// and underflow keep their sign, and a NaN stays a (quiet) NaN with the upper bits of its payload.
enum class Rounding : std::uint8_t {
  nearest_even,  // what rounds past the largest finite value is infinite
  toward_zero,   // what is past the largest finite value becomes it
  // Away from zero for exactly floor(2^32 * d) of all 2^32 random bits (the smallest ones), d being the
  // distance from the neighbour nearer to zero, as a part of the gap. That is exactly d wherever the gap is
  // below 2^32 units of the value's last place: always, but for f16 of |values| under 2^-33.
  // Beyond the largest finite value the next neighbour is 2^128 (bf16) or 2^16 (f16), stored as infinity.
  stochastic
};

// One value. `random_bits` are 32 uniform bits, read by stochastic only. Pure; a few ns.
[[nodiscard]] Bf16 to_bf16(float value, Rounding rounding, std::uint32_t random_bits);
[[nodiscard]] F16 to_f16(float value, Rounding rounding, std::uint32_t random_bits);
// Nearest, ties to even.
[[nodiscard]] Bf16 to_bf16(float value);
[[nodiscard]] F16 to_f16(float value);

// Exact; a signalling NaN becomes quiet.
[[nodiscard]] float to_f32(Bf16 value);
[[nodiscard]] float to_f32(F16 value);

// The same, element by element: element i does not depend on the others. values and narrowed: [n];
// random_bits: [n] for stochastic, else empty. Lengths that differ are our bug. Thread-safe.
void narrow(std::span<const float> values, std::span<Bf16> narrowed, Rounding rounding,
            std::span<const std::uint32_t> random_bits = {});
void narrow(std::span<const float> values, std::span<F16> narrowed, Rounding rounding,
            std::span<const std::uint32_t> random_bits = {});
void widen(std::span<const Bf16> values, std::span<float> widened);
void widen(std::span<const F16> values, std::span<float> widened);

}  // namespace astrolabe
