// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/gauss_rule.h"

#include <cmath>
#include <numbers>

#include "astrolabe/base/error.h"

namespace astrolabe::trees {
namespace {

struct Legendre {
  double value = 0, slope = 0;
};

// P of degree `size` at x in (-1, 1), by its three-term recurrence.
Legendre legendre(std::size_t size, double x) {
  double before = 1, value = x;
  for (std::size_t degree = 2; degree <= size; ++degree) {
    const auto n = static_cast<double>(degree);
    const double next = ((2 * n - 1) * x * value - (n - 1) * before) / n;
    before = value;
    value = next;
  }
  return {value, static_cast<double>(size) * (x * value - before) / (x * x - 1)};
}

}  // namespace

GaussRule gauss_rule(std::size_t size) {
  ASTROLABE_CHECK(size >= 1 && size <= 128, "a rule of a size that is used");
  GaussRule rule;
  for (std::size_t i = 0; i < size; ++i) {
    const double guess = (static_cast<double>(size - i) - 0.25) / (static_cast<double>(size) + 0.5);
    double x = std::cos(std::numbers::pi * guess);
    for (int step = 0; step < 100; ++step) {
      const Legendre at = legendre(size, x);
      const double move = at.value / at.slope;
      x -= move;
      if (std::abs(move) < 1e-16) break;
    }
    const double slope = legendre(size, x).slope;
    rule.points.push_back(0.5 * (1 + x));
    rule.weights.push_back(1 / ((1 - x * x) * slope * slope));
  }
  return rule;
}

}  // namespace astrolabe::trees
