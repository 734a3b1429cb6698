// SPDX-License-Identifier: Apache-2.0
// Interval arithmetic: numbers that are known to lie between two others. Every operation rounds outwards, so
// that what holds for the bounds holds for all real numbers in them.
//
//   const Bounds x{-1, 2};
//   const Bounds y = x * x + Bounds{1};        // [-1, 5]; square(x) + 1 would know [1, 5]
//   const Bounds z = bounds_of_math("tanh", x);
//
// Infinite bounds are allowed. `is_total` is false where some of the numbers may have no value at all:
// log(-1), 0/0. What the machine rounds in f32 is left out: these are the functions of mathematics. Source:
// Moore, Kearfott & Cloud, "Introduction to interval analysis", 2009; IEEE 1788. Pure; thread-safe.
#pragma once

#include <limits>
#include <string_view>

namespace astrolabe {

struct Bounds {
  double low = 0, high = 0;
  bool is_total = true;

  Bounds() = default;
  // A number that a double holds exactly.
  constexpr explicit Bounds(double number) : low(number), high(number) {}
  constexpr Bounds(double least, double most, bool total = true) : low(least), high(most), is_total(total) {}
  // Of which nothing is known.
  [[nodiscard]] static constexpr Bounds anything(bool total = false) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    return {-kInfinity, kInfinity, total};
  }

  [[nodiscard]] constexpr bool contains(double value) const { return low <= value && value <= high; }
  [[nodiscard]] constexpr bool is_finite() const {
    return is_total && low > -std::numeric_limits<double>::infinity() &&
           high < std::numeric_limits<double>::infinity();
  }
  [[nodiscard]] constexpr double width() const { return high - low; }
  [[nodiscard]] constexpr double middle() const { return low / 2 + high / 2; }
};

[[nodiscard]] Bounds operator+(const Bounds& a, const Bounds& b);
[[nodiscard]] Bounds operator-(const Bounds& a, const Bounds& b);
[[nodiscard]] Bounds operator-(const Bounds& a);
[[nodiscard]] Bounds operator*(const Bounds& a, const Bounds& b);
[[nodiscard]] Bounds operator/(const Bounds& a, const Bounds& b);
[[nodiscard]] Bounds square(const Bounds& a);
[[nodiscard]] Bounds minimum(const Bounds& a, const Bounds& b);
[[nodiscard]] Bounds maximum(const Bounds& a, const Bounds& b);
// The numbers of both, and all between.
[[nodiscard]] Bounds hull(const Bounds& a, const Bounds& b);
// Numbers that are in both; they have one, since both bound the same.
[[nodiscard]] Bounds intersection(const Bounds& a, const Bounds& b);

// A row of the MATH table (graph/math_table.h). The C library's functions, widened by four units in the last
// place, which glibc's errors do not reach.
[[nodiscard]] Bounds bounds_of_math(std::string_view row, const Bounds& x);

}  // namespace astrolabe
