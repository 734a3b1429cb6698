// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/graph/math_table.h"

#include <array>
#include <limits>

#include "astrolabe/graph/graph.h"
#include "astrolabe/graph/math_parts.h"

namespace astrolabe {
namespace {

namespace m = math;

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kMost = 0x1.fffffep127;   // the largest f32
constexpr double kLeast = 0x1p-149;        // the smallest f32 above 0
constexpr double kHalfPi = 0x1.921fb6p0;   // in f32
constexpr double kTurns = 100000;          // where pi is known well enough: math_trigonometric.cpp
constexpr double kExpEnd = 0x1.62e42ep6;   // e^x is finite in f32 up to here: 88.72283
constexpr double kCoshEnd = 0x1.65a9f8p6;  // and cosh x: 89.41599

// Domains are those of f32, bounds too. Where values are flushed to 0, the power of two is that of f32; in
// f64 it is 2^-1021.5 for 2^-125.5 and 2^-1024 for 2^-128.
constexpr auto kTable = std::to_array<MathRow>({
    // name, expand, derivative, ulp, domain, range, doc
    {"abs", m::expand_abs, "sign(x)", 0, -kMost, kMost, 0, kMost, "x without its sign."},
    {"atan", m::expand_atan, "1/(1+x*x)", 2.5, -kInf, kInf, -kHalfPi, kHalfPi, "The arc tangent."},
    {"cos", m::expand_cos, "-sin(x)", 2.4, -kTurns, kTurns, -1, 1,
     "The cosine; for |x| > 100,000 some number in [-1, 1]."},
    {"cosh", m::expand_cosh, "sinh(x)", 2.8, -kCoshEnd, kCoshEnd, 1, kMost, "The hyperbolic cosine."},
    {"erf", m::expand_erf, "1.1283791670955126*exp(-x*x)", 6, -kInf, kInf, -1, 1,
     "The error function: the chance that |N(0, 1/2)| < x, odd."},
    {"exp", m::expand_exp, "y", 2.3, -kInf, kExpEnd, 0, kMost, "e^x; 0 below 2^-125.5."},
    {"exp2", m::expand_exp2, "0.6931471805599453*y", 2.1, -kInf, 0x1.fffffep6, 0, kMost,
     "2^x; 0 below 2^-125.5."},
    {"expm1", m::expand_expm1, "y+1", 2.1, -kInf, kExpEnd, -1, kMost, "e^x - 1, accurate near 0."},
    {"floor", nullptr, "0", 0, -kMost, kMost, -kMost, kMost, "The largest whole number <= x."},
    {"log", m::expand_log, "1/x", 1.3, kLeast, kMost, -103.28, 88.73, "The natural logarithm."},
    {"log1p", m::expand_log1p, "1/(1+x)", 1.9, -0x1.fffffep-1, kMost, -16.64, 88.73,
     "log(1 + x), accurate near 0."},
    {"log2", m::expand_log2, "1.4426950408889634/x", 2, kLeast, kMost, -149, 128, "The logarithm to base 2."},
    {"log_cosh", m::expand_log_cosh, "tanh(x)", 2.2, -kMost, kMost, 0, kMost,
     "log(cosh x): x^2/2 near 0, |x| - log 2 far away."},
    {"round", nullptr, "0", 0, -kMost, kMost, -kMost, kMost,
     "The nearest whole number, the even one of two."},
    {"rsqrt", m::expand_rsqrt, "-0.5*y*y*y", 1.5, kLeast, kMost, 0x1p-64, 0x1.6a09e8p74, "1 / sqrt(x)."},
    {"sigmoid", m::expand_sigmoid, "y*(1-y)", 3.6, -kInf, kInf, 0, 1, "1 / (1 + e^-x); 0 below 2^-128."},
    {"sign", m::expand_sign, "0", 0, -kInf, kInf, -1, 1, "-1, 1, or x when it is a zero."},
    {"sin", m::expand_sin, "cos(x)", 2.4, -kTurns, kTurns, -1, 1,
     "The sine; for |x| > 100,000 some number in [-1, 1]."},
    {"sinh", m::expand_sinh, "cosh(x)", 2.9, -kCoshEnd, kCoshEnd, -kMost, kMost, "The hyperbolic sine."},
    {"softplus", m::expand_softplus, "sigmoid(x)", 3.2, -kInf, kMost, 0, kMost,
     "log(1 + e^x); 0 below 2^-125.5."},
    {"sqrt", nullptr, "0.5/y", 0.5, 0, kMost, 0, 0x1p64, "The square root."},
    {"tan", m::expand_tan, "1+y*y", 4.5, -kTurns, kTurns, -kMost, kMost,
     "The tangent; for |x| > 100,000 some number."},
    {"tanh", m::expand_tanh, "(1-y)*(1+y)", 5.2, -kInf, kInf, -1, 1, "The hyperbolic tangent."},
});

}  // namespace

std::span<const MathRow> math_rows() {
  return kTable;
}

std::optional<std::size_t> math_row_index(std::string_view name) {
  for (std::size_t i = 0; i < kTable.size(); ++i)
    if (kTable[i].name == name) return i;
  return std::nullopt;
}

const MathRow* find_math_row(std::string_view name) {
  const auto index = math_row_index(name);
  return index ? &kTable[*index] : nullptr;
}

NodeId expand_math(Graph& graph, NodeId node) {
  const auto& row = kTable[static_cast<std::size_t>(graph[node].attributes.value)];
  return row.expand == nullptr ? node : row.expand(graph, graph.input_of(node, 0));
}

}  // namespace astrolabe
