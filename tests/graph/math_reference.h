// SPDX-License-Identifier: Apache-2.0
// What rows of the MATH table should give, from the C library in a wider type, and how far a value is from
// it.
//
//   const long double exact = math_reference<long double>("tanh")(0.5L);
//   error_in_ulps(value, exact);   // in units in the last place of `exact` in the type of value
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "astrolabe/graph/math_table.h"

namespace astrolabe::testing {

template <class Wide>
Wide log_cosh(Wide x) {
  const Wide size = std::fabs(x);
  const Wide half_sinh = std::sinh(std::min(size, Wide{2}) / 2);
  if (size < 1) return std::log1p(2 * half_sinh * half_sinh);  // cosh x = 1 + 2 sinh^2(x/2)
  return size - std::log(Wide{2}) + std::log1p(std::exp(-2 * size));
}

// Wide is double for values in f32, long double for those in f64. Null for a row that has no reference.
template <class Wide>
Wide (*math_reference(std::string_view row))(Wide) {
  if (row == "abs") return [](Wide x) { return std::fabs(x); };
  if (row == "atan") return [](Wide x) { return std::atan(x); };
  if (row == "cos") return [](Wide x) { return std::cos(x); };
  if (row == "cosh") return [](Wide x) { return std::cosh(x); };
  if (row == "erf") return [](Wide x) { return std::erf(x); };
  if (row == "exp") return [](Wide x) { return std::exp(x); };
  if (row == "exp2") return [](Wide x) { return std::exp2(x); };
  if (row == "expm1") return [](Wide x) { return std::expm1(x); };
  if (row == "floor") return [](Wide x) { return std::floor(x); };
  if (row == "log") return [](Wide x) { return std::log(x); };
  if (row == "log1p") return [](Wide x) { return std::log1p(x); };
  if (row == "log2") return [](Wide x) { return std::log2(x); };
  if (row == "log_cosh") return [](Wide x) { return log_cosh(x); };
  if (row == "round") return [](Wide x) { return std::nearbyint(x); };
  if (row == "rsqrt") return [](Wide x) { return 1 / std::sqrt(x); };
  if (row == "sigmoid")
    return [](Wide x) { return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x)); };
  if (row == "sign") return [](Wide x) { return x > 0 ? Wide{1} : x < 0 ? Wide{-1} : x; };
  if (row == "sin") return [](Wide x) { return std::sin(x); };
  if (row == "sinh") return [](Wide x) { return std::sinh(x); };
  if (row == "softplus")
    return [](Wide x) { return std::max(x, Wide{0}) + std::log1p(std::exp(-std::fabs(x))); };
  if (row == "sqrt") return [](Wide x) { return std::sqrt(x); };
  if (row == "tan") return [](Wide x) { return std::tan(x); };
  if (row == "tanh") return [](Wide x) { return std::tanh(x); };
  return nullptr;
}

// Below this, values of the row may be anything from 0 to it.
template <class T>
T flushed_below(std::string_view row) {
  if (row == "exp" || row == "exp2" || row == "softplus") return 2 * std::numeric_limits<T>::min();
  return row == "sigmoid" ? std::numeric_limits<T>::min() / 2 : T{0};
}

// 0 for equal values and for NaN twice, infinity for NaN once. Infinity counts as the power of two that it is
// rounded from, so that a bound of a few units says when a value may overflow.
template <class T, class Wide>
double error_in_ulps(T value, Wide exact) {
  using Limits = std::numeric_limits<T>;
  if (std::isnan(exact) || std::isnan(value))
    return std::isnan(exact) && std::isnan(value) ? 0 : std::numeric_limits<double>::infinity();
  const Wide beyond = std::ldexp(Wide{1}, Limits::max_exponent);
  const Wide found = std::clamp(static_cast<Wide>(value), -beyond, beyond);
  const Wide wanted = std::clamp(exact, -beyond, beyond);
  if (found == wanted) return 0;
  int exponent = 0;
  (void)std::frexp(wanted, &exponent);
  exponent = std::clamp(exponent, Limits::min_exponent, Limits::max_exponent);
  return static_cast<double>(std::ldexp(std::fabs(found - wanted), Limits::digits - exponent));
}

// The same, with what a row may flush to 0.
template <class T, class Wide>
double math_error(std::string_view row, T value, Wide exact) {
  const T flushed = flushed_below<T>(row);
  if (exact < static_cast<Wide>(flushed) && value >= 0 && value <= flushed) return 0;
  return error_in_ulps(value, exact);
}

}  // namespace astrolabe::testing
