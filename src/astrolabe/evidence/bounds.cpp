// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evidence/bounds.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLargest = std::numeric_limits<double>::max();
constexpr double kPi = 3.14159265358979323846;

double down(double value) {
  return std::nextafter(value, -kInfinity);
}
double up(double value) {
  return std::nextafter(value, kInfinity);
}

// One operation, rounded down or up; exact results stay (error-free transformations: Ogita, Rump & Oishi
// 2005).
struct Rounded {
  double value;
  double error;  // exact - value, or its sign

  // No number is infinite: what overflows is at least the largest double.
  [[nodiscard]] double below() const {
    if (value == kInfinity) return kLargest;
    return error < 0 ? down(value) : value;
  }
  [[nodiscard]] double above() const {
    if (value == -kInfinity) return -kLargest;
    return error > 0 ? up(value) : value;
  }
};

Rounded sum(double a, double b) {
  const double s = a + b, part = s - a;
  if (std::isinf(s)) return {s, 0};
  return {s, (a - (s - part)) + (b - part)};
}

// Of bounds, 0 times infinity is 0: no number in them is infinite. What may be lost below the smallest number
// counts as an error of either sign.
Rounded product(double a, double b) {
  if (a == 0 || b == 0) return {0, 0};
  const double p = a * b;
  if (p == 0) return {p, (a > 0) == (b > 0) ? 1.0 : -1.0};
  return {p, std::isinf(p) ? 0 : std::fma(a, b, -p)};
}

Rounded quotient(double a, double b) {
  if (std::isinf(b)) return {0, 0};
  const double q = a / b;
  if (q == 0 && a != 0) return {q, (a > 0) == (b > 0) ? 1.0 : -1.0};
  return {q, std::isinf(q) ? 0 : std::fma(-q, b, a) * (b > 0 ? 1 : -1)};
}

constexpr double kTiny = 1e-290;  // below, errors are no longer doubles

// Of the values at the corners.
Bounds around(const std::array<Rounded, 4>& corners, bool total) {
  Bounds bounds{kInfinity, -kInfinity, total};
  for (const Rounded& corner : corners) {
    if (std::isnan(corner.value)) return Bounds::anything(total);
    const bool is_tiny = corner.value != 0 && std::abs(corner.value) < kTiny;
    bounds.low = std::min(bounds.low, is_tiny ? down(corner.value) : corner.below());
    bounds.high = std::max(bounds.high, is_tiny ? up(corner.value) : corner.above());
  }
  return bounds;
}

// The C library's result, four units in the last place further out.
double lower(double value) {
  return value - 4 * (up(std::abs(value)) - std::abs(value));
}
double higher(double value) {
  return value + 4 * (up(std::abs(value)) - std::abs(value));
}

using Function = double (*)(double);

Bounds of_increasing(Function f, const Bounds& x) {
  return {std::isinf(f(x.low)) ? f(x.low) : lower(f(x.low)),
          std::isinf(f(x.high)) ? f(x.high) : higher(f(x.high)), x.is_total};
}

// With its least value, at 0.
Bounds of_even(Function f, const Bounds& x) {
  const double far = std::max(std::abs(x.low), std::abs(x.high));
  const double near = x.contains(0) ? 0 : std::min(std::abs(x.low), std::abs(x.high));
  const double high = f(far);
  return {std::max(lower(f(near)), std::min(f(0.0), f(near))), std::isinf(high) ? high : higher(high),
          x.is_total};
}

// A function that has values above `least` only, where it increases.
Bounds of_increasing_above(double least, Function f, const Bounds& x, bool takes_least) {
  const bool total = x.is_total && (takes_least ? x.low >= least : x.low > least);
  if (x.high < least) return Bounds::anything(false);
  const Bounds inside{std::max(x.low, least), x.high, total};
  return of_increasing(f, inside);
}

// Whether a + n * period lies in x for a whole n.
bool hits(const Bounds& x, double a, double period) {
  return std::floor((x.high - a) / period + 1e-9) >= std::ceil((x.low - a) / period - 1e-9);
}

// A wave between -1 and 1 with its crests at `crest` and every turn.
Bounds of_wave(Function f, const Bounds& x, double crest) {
  constexpr double kFar = 1e6;  // where pi in double no longer tells crests apart
  if (!(x.width() < 2 * kPi) || std::abs(x.low) > kFar || std::abs(x.high) > kFar) return {-1, 1, x.is_total};
  const double a = f(x.low), b = f(x.high);
  return {hits(x, crest + kPi, 2 * kPi) ? -1 : std::max(-1.0, lower(std::min(a, b))),
          hits(x, crest, 2 * kPi) ? 1 : std::min(1.0, higher(std::max(a, b))), x.is_total};
}

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}
double softplus(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
}
double log_cosh(double x) {
  const double size = std::abs(x);
  return std::isinf(size) ? size : size + std::log1p(std::exp(-2 * size)) - std::log(2.0);
}
double sign(double x) {
  return x > 0 ? 1 : x < 0 ? -1 : 0;
}
double rounded(double x) {
  return std::nearbyint(x);
}

constexpr auto kIncreasing = std::to_array<std::pair<std::string_view, Function>>({
    {"atan", [](double x) { return std::atan(x); }},
    {"erf", [](double x) { return std::erf(x); }},
    {"exp", [](double x) { return std::exp(x); }},
    {"exp2", [](double x) { return std::exp2(x); }},
    {"expm1", [](double x) { return std::expm1(x); }},
    {"floor", [](double x) { return std::floor(x); }},
    {"round", rounded},
    {"sigmoid", sigmoid},
    {"sign", sign},
    {"sinh", [](double x) { return std::sinh(x); }},
    {"softplus", softplus},
    {"tanh", [](double x) { return std::tanh(x); }},
});

// Steps have exact values.
bool is_step(std::string_view row) {
  return row == "floor" || row == "round" || row == "sign";
}

// What a row can be at all, however wide its argument.
Bounds range_of(std::string_view row) {
  if (row == "sigmoid") return {0, 1};
  if (row == "tanh" || row == "erf") return {-1, 1};
  if (row == "exp" || row == "exp2" || row == "softplus") return {0, kInfinity};
  if (row == "expm1") return {-1, kInfinity};
  return Bounds::anything(true);
}

}  // namespace

Bounds operator+(const Bounds& a, const Bounds& b) {
  const Rounded low = sum(a.low, b.low), high = sum(a.high, b.high);
  return {std::isnan(low.value) ? -kInfinity : low.below(), std::isnan(high.value) ? kInfinity : high.above(),
          a.is_total && b.is_total};
}

Bounds operator-(const Bounds& a, const Bounds& b) {
  return a + -b;
}

Bounds operator-(const Bounds& a) {
  return {-a.high, -a.low, a.is_total};
}

Bounds operator*(const Bounds& a, const Bounds& b) {
  return around(
      {product(a.low, b.low), product(a.low, b.high), product(a.high, b.low), product(a.high, b.high)},
      a.is_total && b.is_total);
}

Bounds operator/(const Bounds& a, const Bounds& b) {
  if (b.contains(0)) return Bounds::anything(false);
  return around(
      {quotient(a.low, b.low), quotient(a.low, b.high), quotient(a.high, b.low), quotient(a.high, b.high)},
      a.is_total && b.is_total);
}

Bounds square(const Bounds& a) {
  const double far = std::max(std::abs(a.low), std::abs(a.high));
  const double near = a.contains(0) ? 0 : std::min(std::abs(a.low), std::abs(a.high));
  const Bounds least = Bounds{near} * Bounds{near}, most = Bounds{far} * Bounds{far};
  return {std::max(0.0, least.low), most.high, a.is_total};
}

Bounds minimum(const Bounds& a, const Bounds& b) {
  return {std::min(a.low, b.low), std::min(a.high, b.high), a.is_total && b.is_total};
}

Bounds maximum(const Bounds& a, const Bounds& b) {
  return {std::max(a.low, b.low), std::max(a.high, b.high), a.is_total && b.is_total};
}

Bounds hull(const Bounds& a, const Bounds& b) {
  return {std::min(a.low, b.low), std::max(a.high, b.high), a.is_total && b.is_total};
}

Bounds intersection(const Bounds& a, const Bounds& b) {
  return {std::max(a.low, b.low), std::min(a.high, b.high), a.is_total && b.is_total};
}

Bounds bounds_of_math(std::string_view row, const Bounds& x) {
  const auto found = std::ranges::find(kIncreasing, row, &std::pair<std::string_view, Function>::first);
  if (found != kIncreasing.end() && is_step(row))
    return {found->second(x.low), found->second(x.high), x.is_total};
  if (found != kIncreasing.end()) {
    Bounds bounds = intersection(of_increasing(found->second, x), range_of(row));
    bounds.is_total = x.is_total;
    return bounds;
  }
  if (row == "abs") return of_even([](double v) { return std::abs(v); }, x);
  if (row == "cosh") return of_even([](double v) { return std::cosh(v); }, x);
  if (row == "log_cosh") return of_even(log_cosh, x);
  if (row == "log") return of_increasing_above(0, [](double v) { return std::log(v); }, x, false);
  if (row == "log2") return of_increasing_above(0, [](double v) { return std::log2(v); }, x, false);
  if (row == "log1p") return of_increasing_above(-1, [](double v) { return std::log1p(v); }, x, false);
  if (row == "sqrt") {
    const Bounds root = of_increasing_above(0, [](double v) { return std::sqrt(v); }, x, true);
    return x.high < 0 ? root : Bounds{std::max(0.0, root.low), root.high, root.is_total};
  }
  if (row == "rsqrt") return Bounds{1} / bounds_of_math("sqrt", {x.low, x.high, x.is_total && x.low > 0});
  if (row == "sin") return of_wave([](double v) { return std::sin(v); }, x, kPi / 2);
  if (row == "cos") return of_wave([](double v) { return std::cos(v); }, x, 0);
  if (row == "tan") return bounds_of_math("sin", x) / bounds_of_math("cos", x);
  ASTROLABE_CHECK(false, "every row of the MATH table has its bounds");
  return Bounds::anything();
}

}  // namespace astrolabe
