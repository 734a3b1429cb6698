// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/privacy/normal_tail.h"

#include <cmath>
#include <limits>
#include <numbers>

namespace astrolabe {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// Below this erfc would soon leave the normal range of a double.
constexpr double kFarOut = -35;

// Mills' ratio by its asymptotic series, of alternating sign: at |x| > 35 the sixth term is below 1e-15.
double log_far_tail(double x) {
  const double inverse = 1 / (x * x);
  const double series = inverse * (1 - inverse * 3 * (1 - inverse * 5 * (1 - inverse * 7)));
  return -x * x / 2 - std::log(-x) - std::log(2 * std::numbers::pi) / 2 + std::log1p(-series);
}

}  // namespace

double log_normal_cdf(double x) {
  if (x == -kInfinity) return -kInfinity;
  if (x > 0) return std::log1p(-std::erfc(x / std::numbers::sqrt2) / 2);
  if (x > kFarOut) return std::log(std::erfc(-x / std::numbers::sqrt2) / 2);
  return log_far_tail(x);
}

double log_add(double a, double b) {
  const double high = a > b ? a : b;
  const double low = a > b ? b : a;
  if (low == -kInfinity || high == kInfinity) return high;
  return high + std::log1p(std::exp(low - high));
}

double log_subtract(double a, double b) {
  if (b == -kInfinity || a == kInfinity) return a;
  if (a <= b) return -kInfinity;
  return a + std::log(-std::expm1(b - a));
}

}  // namespace astrolabe
