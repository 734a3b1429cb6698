// SPDX-License-Identifier: Apache-2.0
// exp and log from plain arithmetic, so that gradients have the same bytes on every machine (the C library
// picks its code by processor). A loop over `exponential` becomes vector code.
#pragma once

#include <bit>
#include <cstdint>

namespace astrolabe::trees {

// Within 2 units in the last place for |x| <= 700; beyond that the argument is cut off there.
// Cody-Waite reduction, then the Taylor polynomial of degree 13 on |r| <= ln(2)/2.
[[nodiscard]] inline double exponential(double x) {
  x = x < -700.0 ? -700.0 : x;
  x = x > 700.0 ? 700.0 : x;
  constexpr double kRound = 0x1.8p52;  // adding it leaves the nearest whole number in the low bits
  const double shifted = x * 0x1.71547652b82fep0 + kRound;
  const double power = shifted - kRound;
  const double r = (x - power * 0x1.62e42fee00000p-1) - power * 0x1.a39ef35793c76p-33;
  double sum = 1.0 / 6227020800.0;
  sum = sum * r + 1.0 / 479001600.0;
  sum = sum * r + 1.0 / 39916800.0;
  sum = sum * r + 1.0 / 3628800.0;
  sum = sum * r + 1.0 / 362880.0;
  sum = sum * r + 1.0 / 40320.0;
  sum = sum * r + 1.0 / 5040.0;
  sum = sum * r + 1.0 / 720.0;
  sum = sum * r + 1.0 / 120.0;
  sum = sum * r + 1.0 / 24.0;
  sum = sum * r + 1.0 / 6.0;
  sum = sum * r + 0.5;
  sum = sum * r + 1.0;
  sum = sum * r + 1.0;
  const auto exponent = std::bit_cast<std::uint64_t>(shifted) << 52;
  return std::bit_cast<double>(std::bit_cast<std::uint64_t>(sum) + exponent);
}

[[nodiscard]] inline double sigmoid(double x) {
  return 1.0 / (1.0 + exponential(-x));
}

// Within 2 units in the last place for normal x > 0: x = 2^k m with m in [sqrt(1/2), sqrt(2)), and
// log m = 2 artanh((m - 1) / (m + 1)) by its series.
[[nodiscard]] inline double logarithm(double x) {
  const auto bits = std::bit_cast<std::int64_t>(x);
  const std::int64_t above = bits - std::bit_cast<std::int64_t>(0x1.6a09e667f3bcdp-1);
  const auto power = static_cast<double>(above >> 52);
  const auto m = std::bit_cast<double>(bits - (above & ~((std::int64_t{1} << 52) - 1)));
  const double s = (m - 1) / (m + 1);
  const double square = s * s;
  double sum = 1.0 / 21;
  for (double odd = 19; odd > 1; odd -= 2) sum = sum * square + 1.0 / odd;
  return power * 0x1.62e42fee00000p-1 + (2 * s + (2 * s * square * sum + power * 0x1.a39ef35793c76p-33));
}

}  // namespace astrolabe::trees
