// SPDX-License-Identifier: Apache-2.0
// sinh, cosh, tanh and erf. Coefficients as in math_exponential.cpp; ratios of polynomials by the same
// exchange.
#include <array>

#include "astrolabe/graph/math_parts.h"

namespace astrolabe::math {
namespace {

// tanh(x) / x = P / Q in x^2, |x| <= 8.5: 2^-26. No sign changes, so nothing cancels.
constexpr std::array kTanhAbove = {1.0, 0x1.12c1bep-3, 0x1.cf9cb2p-9, 0x1.65582ap-16, 0x1.ec7a44p-27};
constexpr std::array kTanhBelow = {1.0, 0x1.deb63p-2, 0x1.aa8c92p-6, 0x1.5fab32p-12, 0x1.b6b972p-21};
constexpr double kTanhEndSquared = 65;  // there 1 is as near as the ratio

// sinh(x) / x in x^2, |x| <= 1: 2^-25.3 and 2^-61.8.
constexpr std::array kSinh32 = {0x1.555598p-3, 0x1.10f760p-7, 0x1.ab428ap-13};
constexpr std::array kSinh64 = {0x1.5555555555556p-3,  0x1.111111111101ep-7,  0x1.a01a01a037269p-13,
                                0x1.71de3a3b06bf3p-19, 0x1.ae646ff5090b6p-26, 0x1.6116f4a16b47dp-33,
                                0x1.b5c896e75c78bp-41};

// erf(x) / x = P / Q in x^2, |x| <= 3.8: 2^-26.
constexpr std::array kErfAbove = {0x1.20dd74p0, 0x1.7d70b8p-3, 0x1.ac87b4p-5,
                                  0x1.d9d6bp-9, 0x1.2c6d7p-12, 0x1.20b4dap-19};
constexpr std::array kErfBelow = {1.0,          0x1.fe5aacp-2, 0x1.ccc498p-4,
                                  0x1.e09e7p-7, 0x1.298fdp-10, 0x1.48f262p-15};
constexpr double kErfEndSquared = 13.75;  // there 1 is as near as the ratio
// erf(x) / x in x^2, |x| <= 1: 2^-56.0.
constexpr std::array kErfNearZero = {0x1.20dd750429b6dp+0,   -0x1.812746b03799dp-2,  0x1.ce2f21a03f8b8p-4,
                                     -0x1.b82ce311a974bp-6,  0x1.565bcceed875ap-8,   -0x1.c02daeb6a65f5p-11,
                                     0x1.f9a296a93cd32p-14,  -0x1.f4c82e2f2330ap-17, 0x1.b96b4dcf104f5p-20,
                                     -0x1.5b8c28cffaac4p-23, 0x1.d3db98fab6c31p-27,  -0x1.a23733ca5761dp-31};
// e^(x^2) (1 - erf x) in (x - 2) / (x + 2), x in [1, 6]: the error is 2^-59.4 of erf x.
constexpr std::array kErfFar = {0x1.058671b52c776p-2,   -0x1.b57034efd3f71p-2,  0x1.eeea7dc8a7771p-3,
                                -0x1.437f0b68c3356p-4,  0x1.e9471599d8630p-9,   0x1.ca95ed6ea9dabp-8,
                                -0x1.bc25a2ef78280p-11, -0x1.016b70ffa500dp-10, 0x1.6d51c16ee2b48p-15,
                                0x1.6daee0e071e36p-13,  0x1.d038463cc432bp-16,  -0x1.ca6ac4008ea07p-16,
                                -0x1.eb61cf9581345p-17, -0x1.bec2965eeaf06p-20};

// x P(x^2) / Q(x^2), cut off at -1 and 1. From the end on only the factor x grows: the value is 1 a little
// later. Multiplying by x after P keeps the sign of zeros.
Term odd_ratio(const Term& x, double end_squared, std::span<const double> above,
               std::span<const double> below) {
  const Term square = minimum(end_squared, x * x);
  return between(-1.0, 1.0, x * horner(square, above) / horner(square, below));
}

Term erf_f64(const Term& x) {
  const Term size = minimum(6.0, absolute(x));
  const Term square = size * size;
  const Term w = (size - 2.0) / (size + 2.0);
  const Term far = 1.0 - horner(w, kErfFar) * exponential(square, {.factor = -1, .is_negative = true});
  return with_sign_of(select(less(size, 1.0), size * horner(square, kErfNearZero), far), x);
}

}  // namespace

// e^|x| / 2 + 1 / (4 e^|x| / 2).
NodeId expand_cosh(Graph& graph, NodeId x) {
  const Term half = exponential(absolute({graph, x}), {.halvings = 1, .is_positive = true});
  return (half + 0.25 / half).id();
}

NodeId expand_sinh(Graph& graph, NodeId node) {
  const Term x(graph, node);
  const Term size = absolute(x);
  const Term half = exponential(size, {.halvings = 1, .is_positive = true});
  const Term large = with_sign_of(half - 0.25 / half, x);
  const Term square = x * x;
  const auto series = x.is_f32() ? std::span<const double>(kSinh32) : std::span<const double>(kSinh64);
  return select(less(size, 1.0), fma(square * x, horner(square, series), x), large).id();
}

NodeId expand_tanh(Graph& graph, NodeId node) {
  const Term x(graph, node);
  if (x.is_f32()) return odd_ratio(x, kTanhEndSquared, kTanhAbove, kTanhBelow).id();
  const Term half = half_exponential_minus_one(minimum(20.0, absolute(x)), 2);  // (e^(2|x|) - 1) / 2
  return with_sign_of(half / (half + 1.0), x).id();
}

NodeId expand_erf(Graph& graph, NodeId node) {
  const Term x(graph, node);
  return (x.is_f32() ? odd_ratio(x, kErfEndSquared, kErfAbove, kErfBelow) : erf_f64(x)).id();
}

}  // namespace astrolabe::math
