// SPDX-License-Identifier: Apache-2.0
// e^x = 2^n e^r with a whole n and |r| <= ln(2)/2. Coefficients are minimax for the relative error: Remez
// exchange in 70 digits, each coefficient rounded to the type, lowest first, and the others fitted again.
// Some of f32 (exp, tanh, erf, sin, tan, atan) were then moved in their last bits by chance, as long as that
// lowered the largest error of the formula as it is computed in f32.
#include <array>
#include <vector>

#include "astrolabe/base/error.h"
#include "astrolabe/graph/math_parts.h"

namespace astrolabe::math {
namespace {

// e^r, |r| <= 0.3468: relative error 2^-23.2 and 2^-57.9.
constexpr std::array kExp32 = {1.0, 1.0, 0x1.fffe0ep-2, 0x1.55579ep-3, 0x1.572422p-5, 0x1.1063cap-7};
constexpr std::array kExp64 = {1.0,
                               1.0,
                               0x1.000000000000ap-1,
                               0x1.555555555550ap-3,
                               0x1.5555555550772p-5,
                               0x1.1111111124cecp-7,
                               0x1.6c16c18446958p-10,
                               0x1.a01a01368ee2dp-13,
                               0x1.a01999e29ee08p-16,
                               0x1.71df0f6eaa3f4p-19,
                               0x1.28ad89a44ab78p-22,
                               0x1.ad9c27c1a7b86p-26};

// 2^r, |r| <= 0.5005: 2^-23.3 and 2^-57.8.
constexpr std::array kExp2Of32 = {1.0,           0x1.62e42ap-1, 0x1.ebf9cp-3,
                                  0x1.c6b6d8p-5, 0x1.3ce982p-7, 0x1.5bdb66p-10};
constexpr std::array kExp2Of64 = {1.0,
                                  0x1.62e42fefa39efp-1,
                                  0x1.ebfbdff82c59dp-3,
                                  0x1.c6b08d704a0ddp-5,
                                  0x1.3b2ab6fba100cp-7,
                                  0x1.5d87fe78b20f8p-10,
                                  0x1.4309130c53c99p-13,
                                  0x1.ffcbfbfff1275p-17,
                                  0x1.62bfcd21c1a17p-20,
                                  0x1.b526002befcfap-24,
                                  0x1.e612d4dd6b332p-28,
                                  0x1.e821a1c6df75fp-32};

// (e^r - 1) / r, |r| <= 0.3468: 2^-26.1 and 2^-61.6.
constexpr std::array kExpm1Of32 = {1.0,           0x1.fffffep-2, 0x1.5554b4p-3,
                                   0x1.5556f2p-5, 0x1.12254ap-7, 0x1.6b9c68p-10};
constexpr std::array kExpm1Of64 = {1.0,
                                   0x1.0p-1,
                                   0x1.5555555555559p-3,
                                   0x1.5555555555558p-5,
                                   0x1.111111110f702p-7,
                                   0x1.6c16c16c1700dp-10,
                                   0x1.a01a01afa31ffp-13,
                                   0x1.a01a019bd6a01p-16,
                                   0x1.71ddf92041e08p-19,
                                   0x1.27e4fdbdb38afp-22,
                                   0x1.af5d3b80bd611p-26,
                                   0x1.1f31bfc734dd2p-29};

// What differs between the types. ln(2) = high + low, high rounded down: both parts are positive, so that
// zeros keep their sign through the reduction.
struct ExponentialFormat {
  double log2_e, ln2_high, ln2_low;
  double bias;                 // of the exponent, less 1
  double low;                  // below, the scale is 0
  std::array<double, 2> high;  // above, the result overflows: without halving, with one
};
constexpr ExponentialFormat kFormat32 = {.log2_e = 0x1.715476p0,
                                         .ln2_high = 0x1.62e42ep-1,
                                         .ln2_low = 0x1.efa39ep-25,
                                         .bias = 126,
                                         .low = -87.5,
                                         .high = {88.75, 89.5}};
constexpr ExponentialFormat kFormat64 = {.log2_e = 0x1.71547652b82fep0,
                                         .ln2_high = 0x1.62e42fefa39efp-1,
                                         .ln2_low = 0x1.abc9e3b39803fp-56,
                                         .bias = 1022,
                                         .low = -708.5,
                                         .high = {709.875, 710.625}};

const ExponentialFormat& exponential_format(const Term& x) {
  return x.is_f32() ? kFormat32 : kFormat64;
}

// factor x = n ln(2) + factor rest; shifted holds n + offset in its low bits.
struct Reduced {
  Term shifted, rest;
};
Reduced reduce(const Term& x, double factor, double offset) {
  const ExponentialFormat& format = exponential_format(x);
  const double round = x.format().round + offset;
  const Term shifted = fma(x, factor * format.log2_e, round);
  const Term n = shifted - round;
  const Term rest = fma(n, -format.ln2_low / factor, fma(n, -format.ln2_high / factor, x));
  return {shifted, rest};
}

// 2^(low bits - bias): the low bits moved to where the exponent is. Multiplying by it passes NaN, as adding
// to the exponent would not.
Term power_of_two(const Term& shifted) {
  return (shifted.bits() << shifted.format().mantissa_bits).floating_bits();
}

// scale p(factor r) as a polynomial in r; scale and factor are powers of two, so nothing is rounded.
std::vector<double> scaled(std::span<const double> coefficients, double scale, double factor) {
  std::vector<double> result;
  for (const double coefficient : coefficients) {
    result.push_back(coefficient * scale);
    scale *= factor;
  }
  return result;
}

}  // namespace

Term exponential(const Term& x, const Exponent& exponent) {
  const auto [factor, halvings, is_negative, is_positive] = exponent;
  ASTROLABE_CHECK(halvings == 0 || is_positive, "only large numbers are halved");
  const ExponentialFormat& format = exponential_format(x);
  const double low = format.low / factor;
  const double high = format.high[static_cast<std::size_t>(halvings)] / factor;
  Term bounded = x;
  if (!is_positive) bounded = factor > 0 ? maximum(low, bounded) : minimum(low, bounded);
  if (!is_negative) bounded = factor > 0 ? minimum(high, bounded) : maximum(high, bounded);
  // 2 e^r times 2^(n-1): so n = 128 does not leave the exponent, and overflow is the last multiplication's.
  const auto [shifted, rest] = reduce(bounded, factor, format.bias - halvings);
  const auto series = x.is_f32() ? std::span<const double>(kExp32) : std::span<const double>(kExp64);
  return horner(rest, scaled(series, 2, factor)) * power_of_two(shifted);
}

// 2^(n-1) (e^r - 1) - (1/2 - 2^(n-1)): halved, so that n = 128 does not overflow before the end.
Term half_exponential_minus_one(const Term& x, double factor) {
  const auto [shifted, rest] = reduce(x, factor, exponential_format(x).bias);
  const Term scale = power_of_two(shifted);
  const auto series = x.is_f32() ? std::span<const double>(kExpm1Of32) : std::span<const double>(kExpm1Of64);
  const Term part = rest * horner(rest, scaled(series, factor, factor));
  return fma(part, scale, negate(0.5 - scale));
}

NodeId expand_exp(Graph& graph, NodeId x) {
  return exponential({graph, x}).id();
}

NodeId expand_exp2(Graph& graph, NodeId node) {
  const Term x(graph, node);
  const double bias = exponential_format(x).bias;
  const Term bounded = between(-bias - 0.25, bias + 2.25, x);
  const double round = x.format().round + bias;
  const Term shifted = bounded + round;
  const Term rest = bounded - (shifted - round);  // exact
  const auto series = x.is_f32() ? std::span<const double>(kExp2Of32) : std::span<const double>(kExp2Of64);
  return (horner(rest, scaled(series, 2, 1)) * power_of_two(shifted)).id();
}

NodeId expand_expm1(Graph& graph, NodeId node) {
  const Term x(graph, node);
  const double low = x.is_f32() ? -17.5 : -40.0;  // -1 from here on
  const Term half = half_exponential_minus_one(between(low, exponential_format(x).high[0], x), 1);
  return (half + half).id();
}

// e^(-x) overflows where the value is 0 or subnormal: 1 / inf = 0.
NodeId expand_sigmoid(Graph& graph, NodeId x) {
  return (1.0 / (1.0 + exponential({graph, x}, {.factor = -1}))).id();
}

}  // namespace astrolabe::math
