// SPDX-License-Identifier: Apache-2.0
// log x = e ln(2) + log(1 + f) with a whole e and 1 + f in (sqrt(1/2), sqrt(2)]. Coefficients as in
// math_exponential.cpp.
#include <array>
#include <limits>

#include "astrolabe/graph/math_parts.h"

namespace astrolabe::math {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// (log(1 + f) - f) / f^2: the error is 2^-24.9 of log(1 + f).
constexpr std::array kLog32 = {-0.5,           0x1.5556dap-2, -0x1.00037ep-2, 0x1.98d7a2p-3,
                               -0x1.5382a4p-3, 0x1.3177bap-3, -0x1.243278p-3, 0x1.644d04p-4};
// With s = f / (2 + f) and z = s^2: (log(1 + f) - 2 s) / (s z); the error is 2^-58.5 of log(1 + f).
constexpr std::array kLog64 = {0x1.5555555555593p-1, 0x1.999999997f9f7p-2, 0x1.249249422a5dep-2,
                               0x1.c71c51d7b866bp-3, 0x1.746649b4548c5p-3, 0x1.39a095122c425p-3,
                               0x1.2f1184068b992p-3};
// log2(1 + f) / f: 2^-25.1.
constexpr std::array kLog2Of32 = {0x1.715476p0,   -0x1.715472p-1, 0x1.ec7368p-2,
                                  -0x1.715b7cp-2, 0x1.26dcfcp-2,  -0x1.e980b4p-3,
                                  0x1.b9545cp-3,  -0x1.a78232p-3, 0x1.01aa4ep-3};
// log(1 + u) / u for u in [0, 1]: 2^-27.5.
constexpr std::array kLog1pOnUnit = {1.0,           -0x1.ffffd2p-2, 0x1.554dd0p-2, -0x1.ff23e6p-3,
                                     0x1.934b54p-3, -0x1.3a435ep-3, 0x1.b4ae08p-4, -0x1.d6b08cp-5,
                                     0x1.4917cep-6, -0x1.af49cep-9};
// log(1 + u) / u for u in [0, e^-1.5]: the error of log(1 + u) is 2^-26.5, absolute.
constexpr std::array kLog1pNearZero = {1.0, -0x1.fff678p-2, 0x1.541544p-2, -0x1.e28e00p-3, 0x1.013896p-3};
// log(cosh x) / x^2 in x^2, |x| <= 0.75: 2^-27.6; |x| <= 1: 2^-56.5.
constexpr std::array kLogCosh32 = {0.5,           -0x1.55551ep-4, 0x1.6c0094p-6, -0x1.b72f8ap-8,
                                   0x1.0898eep-9, -0x1.c57418p-12};
constexpr std::array kLogCosh64 = {0.5,
                                   -0x1.55555555554efp-4,
                                   0x1.6c16c16c0d8f6p-6,
                                   -0x1.ba1ba1b577616p-8,
                                   0x1.1ea5d303ca80ap-9,
                                   -0x1.833d85588c87cp-11,
                                   0x1.0d0a2d5ff53a0p-12,
                                   -0x1.7d8f6f7a02f8dp-14,
                                   0x1.127d86a19b049p-15,
                                   -0x1.8cdb7f67d0a7cp-17,
                                   0x1.1951e5e8d0920p-18,
                                   -0x1.7185c3155f63bp-20,
                                   0x1.959c7d3016038p-22,
                                   -0x1.3af0e89cc328cp-24,
                                   0x1.f0e31e4f9421bp-28};

constexpr double kLn2Of32 = 0x1.62e43p-1;  // within 2^-29 of it: one part is enough
constexpr double kLn2High = 0x1.62e42fefa39efp-1;
constexpr double kLn2Low = 0x1.abc9e3b39803fp-56;

std::int64_t root_two_bits(const Term& x) {
  return x.is_f32() ? 0x3fb504f3 : 0x3ff6a09e667f3bcd;
}
std::int64_t mantissa_mask(const Term& x) {
  return (std::int64_t{1} << x.format().mantissa_bits) - 1;
}
double mantissa_scale(const Term& x) {
  return x.is_f32() ? 0x1p-23 : 0x1p-52;
}

// A number as 2^e (1 + f); `exponent` is -e 2^mantissa_bits: the bits of the exponent, not shifted. The minus
// keeps the sign of log(1 - 0).
struct Split {
  Term exponent, f;
};

// `from` is root_two_bits, and more where `bits` are those of a multiple of the number.
Split split_bits(const Term& x, const Term& bits, const Term& from) {
  const Term below = from - bits;
  const Term mantissa = (bits.whole(root_two_bits(x)) - (below & mantissa_mask(x))).floating_bits();
  return {(below & ~mantissa_mask(x)).as_floating(), mantissa - 1.0};
}

// Of x > 0. Subnormal numbers are first multiplied by 2^mantissa_bits.
Split split(const Term& x) {
  const int mantissa_bits = x.format().mantissa_bits;
  const Term is_small = less(x, x.format().least_normal);
  const Term bits = select(is_small, x * (1.0 / mantissa_scale(x)), x).bits();
  const std::int64_t root = root_two_bits(x);
  const std::int64_t shift = static_cast<std::int64_t>(mantissa_bits) << mantissa_bits;
  const Term from(x.graph(),
                  x.graph().select(is_small.id(), bits.whole(root + shift).id(), bits.whole(root).id()));
  return split_bits(x, bits, from);
}

// log(1 + f) of a split number.
Term log_of_mantissa(const Term& f) {
  if (f.is_f32()) return fma(f * f, horner(f, kLog32), f);
  const Term s = f / (f + 2.0);
  const Term z = s * s;
  return f - s * (f - z * horner(z, kLog64));
}

Term natural_log(const Split& split) {
  const double scale = mantissa_scale(split.f);
  const Term log_f = log_of_mantissa(split.f);
  if (split.f.is_f32()) return fma(split.exponent, -kLn2Of32 * scale, log_f);
  return fma(split.exponent, -kLn2High * scale, fma(split.exponent, -kLn2Low * scale, log_f));
}

// `value` for finite x > pole; -inf at the pole, NaN below, inf at inf.
Term with_special_values(const Term& x, double pole, const Term& value) {
  const Term above = select(less(x, kInfinity), value, x);
  return select(less(pole, x), above, select(equal(x, pole), x.number(-kInfinity), kNaN));
}

}  // namespace

// The exponent is that of 1 + u as rounded; f = u 2^-e - (1 - 2^-e) does not know that rounding.
Term log_one_plus(const Term& u) {
  const Term bits = (1.0 + u).bits();
  const Term exponent = (bits.whole(root_two_bits(u)) - bits) & ~mantissa_mask(u);
  const Term scaled = (u.bits() + exponent).floating_bits();
  // 4 * 2^-e: 2^-e itself would leave the exponents when e = 128.
  const Term scale =
      (bits.whole(u.format().one + (std::int64_t{2} << u.format().mantissa_bits)) + exponent).floating_bits();
  return natural_log({exponent.as_floating(), scaled - fma(scale, -0.25, 1.0)});
}

Term log_of_normal(const Term& x) {
  const Term bits = x.bits();
  return natural_log(split_bits(x, bits, bits.whole(root_two_bits(x))));
}

NodeId expand_log(Graph& graph, NodeId node) {
  const Term x(graph, node);
  return with_special_values(x, 0, natural_log(split(x))).id();
}

NodeId expand_log2(Graph& graph, NodeId node) {
  const Term x(graph, node);
  const auto [exponent, f] = split(x);
  const Term log_f = x.is_f32() ? f * horner(f, kLog2Of32) : log_of_mantissa(f) * 0x1.71547652b82fep0;
  return with_special_values(x, 0, fma(exponent, -mantissa_scale(x), log_f)).id();
}

NodeId expand_log1p(Graph& graph, NodeId node) {
  const Term x(graph, node);
  return with_special_values(x, -1, log_one_plus(x)).id();
}

// max(x, 0) + log(1 + e^-|x|).
NodeId expand_softplus(Graph& graph, NodeId node) {
  const Term x(graph, node);
  const Term u = exponential(absolute(x), {.factor = -1, .is_negative = true});
  const Term positive = maximum(0.0, x);
  return (x.is_f32() ? fma(u, horner(u, kLog1pOnUnit), positive) : log_one_plus(u) + positive).id();
}

// |x| - log(2) + log(1 + e^(-2|x|)), which cancels near 0: there a polynomial.
NodeId expand_log_cosh(Graph& graph, NodeId node) {
  const Term x(graph, node);
  const Term size = absolute(x);
  const Term u = exponential(size, {.factor = -2, .is_negative = true});
  const Term square = x * x;
  if (x.is_f32()) {
    const Term large = fma(u, horner(u, kLog1pNearZero), size - kLn2Of32);
    return select(less(size, 0.75), square * horner(square, kLogCosh32), large).id();
  }
  const Term large = (size - kLn2High) + (log_one_plus(u) - kLn2Low);
  return select(less(size, 1.0), square * horner(square, kLogCosh64), large).id();
}

}  // namespace astrolabe::math
