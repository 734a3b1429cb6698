// SPDX-License-Identifier: Apache-2.0
// sin, cos, tan by reduction to a multiple of pi (pi/2 for tan) in three parts, exact enough for |x| <=
// 100,000. n itself is off by at most 0.003 there, so the polynomials reach a little further than half a
// period. Beyond, the rest may be anything and is cut off: some number of the range, never NaN. Coefficients
// as in math_exponential.cpp. Polynomials end in a multiplication by x, which keeps the sign of zeros.
#include <array>
#include <vector>

#include "astrolabe/graph/math_parts.h"

namespace astrolabe::math {
namespace {

// sin(r) / r in r^2, |r| <= 1.577: 2^-27 and 2^-61.5.
constexpr std::array kSin32 = {1.0, -0x1.55554cp-3, 0x1.110eep-7, -0x1.9f7094p-13, 0x1.5dad16p-19};
constexpr std::array kSin64 = {1.0,
                               -0x1.5555555555555p-3,
                               0x1.11111111110c7p-7,
                               -0x1.a01a01a014bfdp-13,
                               0x1.71de3a52943c9p-19,
                               -0x1.ae6454cde0a36p-26,
                               0x1.6123cb33654c5p-33,
                               -0x1.ae430111451edp-41,
                               0x1.8823f5d6a0f99p-49};

// |r| <= 0.7905: tan(r) / r = P / Q in r^2, 2^-25.7; sin(r) / r, 2^-57.8; cos(r), 2^-63.8.
constexpr double kTanEnd = 0x1.94cp-1;  // 0.7905
constexpr std::array kTanAbove = {1.0, -0x1.885834p-4};
constexpr std::array kTanBelow = {1.0, -0x1.b76b82p-2, 0x1.3e3a04p-7};
constexpr std::array kSinNear = {1.0,
                                 -0x1.5555555555547p-3,
                                 0x1.111111110f595p-7,
                                 -0x1.a01a019bb443cp-13,
                                 0x1.71de35263131dp-19,
                                 -0x1.ae5e25f2e3719p-26,
                                 0x1.5d803da140c40p-33};
constexpr std::array kCosNear = {1.0,
                                 -0.5,
                                 0x1.555555555554ap-5,
                                 -0x1.6c16c16c14decp-10,
                                 0x1.a01a019c58f18p-16,
                                 -0x1.27e4f7ca1f9d3p-22,
                                 0x1.1ee9c0c187c62p-29,
                                 -0x1.8f985fad89182p-37};

// atan(x) / x in x^2, |x| <= 1: 2^-25.8 and 2^-54.7.
constexpr std::array kAtan32 = {1.0,          -0x1.5554dcp-2, 0x1.9978e4p-3, -0x1.230a98p-3,
                                0x1.b4defp-4, -0x1.3550fep-4, 0x1.61eeccp-5, -0x1.0c1812p-6,
                                0x1.7ea632p-9};
constexpr std::array kAtan64 = {1.0,
                                -0x1.555555555544cp-2,
                                0x1.9999999984110p-3,
                                -0x1.2492491fa213ap-3,
                                0x1.c71c709e1a0fep-4,
                                -0x1.745d0231069f1p-4,
                                0x1.3b12b2e8ea5c5p-4,
                                -0x1.11089d02cab07p-4,
                                0x1.e17817317cb6ep-5,
                                -0x1.ad32ba2fdab10p-5,
                                0x1.7ee3f5ad90b04p-5,
                                -0x1.4f452058a1413p-5,
                                0x1.1715d8020d458p-5,
                                -0x1.a7269ff95dcf6p-6,
                                0x1.162c3359257f7p-6,
                                -0x1.2cf75b2f37edbp-7,
                                0x1.f96ca046b27edp-9,
                                -0x1.312a20a2da011p-10,
                                0x1.d3bad7db7a926p-13,
                                -0x1.53e597dad2c8bp-16};

// pi in three parts, each rounded down: positive parts keep the sign of zeros through the reduction.
struct Pi {
  std::array<double, 3> parts;
  double inverse;
};
constexpr Pi kPi32 = {{0x1.921fb4p1, 0x1.4442d0p-23, 0x1.846988p-47}, 0x1.45f306p-2};
constexpr Pi kPi64 = {{0x1.921fb54442d18p1, 0x1.1a62633145c06p-53, 0x1.c1cd129024e08p-106},
                      0x1.45f306dc9c883p-2};
constexpr double kHalfPi32 = 0x1.921fb6p0;  // to nearest
constexpr double kHalfPiHigh = 0x1.921fb54442d18p0;
constexpr double kHalfPiLow = 0x1.1a62633145c07p-54;

const Pi& pi_of(const Term& x) {
  return x.is_f32() ? kPi32 : kPi64;
}

// x - multiple * unit pi; unit is a power of two.
Term rest_of(const Term& x, const Term& multiple, double unit) {
  Term rest = x;
  for (const double part : pi_of(x).parts) rest = fma(multiple, -part * unit, rest);
  return rest;
}

// The lowest bit of the whole number in `shifted`, as a sign bit.
Term parity(const Term& shifted) {
  return shifted.bits() << (shifted.is_f32() ? 31 : 63);
}

// sign * sin(rest), cut off at -1 and 1: a rest that is too large gives these.
Term sine_series(const Term& rest, double sign) {
  std::vector<double> series;
  for (const double coefficient :
       rest.is_f32() ? std::span<const double>(kSin32) : std::span<const double>(kSin64))
    series.push_back(sign * coefficient);
  return between(-1.0, 1.0, rest * horner(rest * rest, series));
}

}  // namespace

// sin(r + n pi) = (-1)^n sin(r).
NodeId expand_sin(Graph& graph, NodeId node) {
  const Term x(graph, node);
  const double round = x.format().round;
  const Term shifted = fma(x, pi_of(x).inverse, round);
  const Term sine = sine_series(rest_of(x, shifted - round, 1), 1);
  return (sine.bits() ^ parity(shifted)).floating_bits().id();
}

// cos(r + (n + 1/2) pi) = (-1)^n sin(-r): near zeros of cos, r is small.
NodeId expand_cos(Graph& graph, NodeId node) {
  const Term x(graph, node);
  const double round = x.format().round;
  const Term shifted = fma(x, pi_of(x).inverse, -0.5) + round;
  const Term cosine = sine_series(rest_of(x, (shifted - round) + 0.5, 1), -1);
  return (cosine.bits() ^ parity(shifted)).floating_bits().id();
}

// tan(r + n pi/2) is tan(r), or -1 / tan(r) when n is odd: one fraction, whose parts change places.
NodeId expand_tan(Graph& graph, NodeId node) {
  const Term x(graph, node);
  const double round = x.format().round;
  const Term shifted = fma(x, 2 * pi_of(x).inverse, round);
  const Term rest = between(-kTanEnd, kTanEnd, rest_of(x, shifted - round, 0.5));
  const Term square = rest * rest;
  const Term sine = rest * (x.is_f32() ? horner(square, kTanAbove) : horner(square, kSinNear));
  const Term cosine = x.is_f32() ? horner(square, kTanBelow) : horner(square, kCosNear);
  const Term sign = parity(shifted);
  const Term is_odd(graph, graph.less(sign.id(), sign.whole(0).id()));
  const Term below = (select(is_odd, sine, cosine).bits() ^ sign).floating_bits();
  return (select(is_odd, cosine, sine) / below).id();
}

// atan(x) = pi/2 - atan(1/x) for x > 1.
NodeId expand_atan(Graph& graph, NodeId node) {
  const Term x(graph, node);
  const Term size = absolute(x);
  const Term z = minimum(1.0 / size, size);
  const Term square = z * z;
  const Term near = z * (x.is_f32() ? horner(square, kAtan32) : horner(square, kAtan64));
  const Term far = x.is_f32() ? kHalfPi32 - near : kHalfPiHigh - (near - kHalfPiLow);
  return with_sign_of(select(less(1.0, size), far, near), x).id();
}

}  // namespace astrolabe::math
