// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/privacy/smooth_tails.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <span>

namespace astrolabe {
namespace {

constexpr std::size_t kNodes = 8;
constexpr std::size_t kLargestPiece = 256, kSmallestPiece = 32;
constexpr double kTolerance = 5e-16;

// Far out a tail is only as exact as its argument x, whose last digit moves it by x^2 as much: -2 log(tail),
// about.
bool is_met(double value, double exact) {
  return exact > 0 ? std::abs(value - exact) <= kTolerance * exact * (1 - 2 * std::log(exact)) : value == 0;
}

// T_k at node j, and the nodes themselves, in [-1, 1].
struct Nodes {
  std::array<double, kNodes> at{};
  std::array<std::array<double, kNodes>, kNodes> chebyshev{};

  Nodes() {
    for (std::size_t j = 0; j < kNodes; ++j) {
      const double angle = std::numbers::pi * (static_cast<double>(j) + 0.5) / kNodes;
      at[j] = std::cos(angle);
      for (std::size_t k = 0; k < kNodes; ++k) chebyshev[k][j] = std::cos(static_cast<double>(k) * angle);
    }
  }
};

// Of what is above the value in the middle: a tail near 1 hardly changes, and digits of 1 would be lost with
// it.
struct Polynomial {
  std::array<double, kNodes> coefficients{};  // of T_k
  double middle;

  Polynomial(const Nodes& nodes, const std::array<double, kNodes>& values) : middle(values[kNodes / 2]) {
    for (std::size_t k = 0; k < kNodes; ++k) {
      double sum = 0;
      for (std::size_t j = 0; j < kNodes; ++j) sum += (values[j] - middle) * nodes.chebyshev[k][j];
      coefficients[k] = (k == 0 ? 1.0 : 2.0) / kNodes * sum;
    }
  }
  // Clenshaw's recurrence.
  [[nodiscard]] double at(double x) const {
    double next = 0, after = 0;
    for (std::size_t k = kNodes; k-- > 1;) {
      const double here = coefficients[k] + 2 * x * next - after;
      after = next;
      next = here;
    }
    return middle + (coefficients[0] + x * next - after);
  }
};

class Grid {
 public:
  Grid(const LossPair& pair, double from, double step, std::span<LossTails> all)
      : pair_(pair), from_(from), step_(step), all_(all) {}

  void fill(std::size_t begin, std::size_t count) const {
    if (count < kSmallestPiece) {
      for (std::size_t i = begin; i < begin + count; ++i) all_[i] = tails(static_cast<double>(i));
    } else if (!interpolate(begin, count)) {
      fill(begin, count / 2);
      fill(begin + count / 2, count - count / 2);
    }
  }

 private:
  [[nodiscard]] LossTails tails(double place) const { return pair_.tails(from_ + place * step_); }

  [[nodiscard]] bool interpolate(std::size_t begin, std::size_t count) const {
    static const Nodes kChebyshev;
    const double half = static_cast<double>(count - 1) / 2, middle = static_cast<double>(begin) + half;
    std::array<double, kNodes> first{}, second{};
    for (std::size_t j = 0; j < kNodes; ++j) {
      const LossTails here = tails(middle + half * kChebyshev.at[j]);
      first[j] = here.first;
      second[j] = here.second;
    }
    const Polynomial firsts(kChebyshev, first), seconds(kChebyshev, second);
    for (const double end : {-1.0, 1.0}) {
      const LossTails exact = tails(middle + half * end);
      if (!is_met(firsts.at(end), exact.first) || !is_met(seconds.at(end), exact.second)) return false;
    }
    for (std::size_t i = 0; i < count; ++i) {
      const double x = (static_cast<double>(i) - half) / half;
      all_[begin + i] = {.first = std::max(0.0, firsts.at(x)), .second = std::max(0.0, seconds.at(x))};
    }
    return true;
  }

  const LossPair& pair_;
  double from_, step_;
  std::span<LossTails> all_;
};

}  // namespace

std::vector<LossTails> smooth_tails(const LossPair& pair, double from, double step, std::size_t count) {
  std::vector<LossTails> all(count);
  const Grid grid(pair, from, step, all);
  for (std::size_t begin = 0; begin < count; begin += kLargestPiece)
    grid.fill(begin, std::min(kLargestPiece, count - begin));
  // Rounding must not make a tail grow: what lies between two points would be counted twice.
  for (std::size_t i = 1; i < count; ++i) {
    all[i].first = std::min(all[i].first, all[i - 1].first);
    all[i].second = std::min(all[i].second, all[i - 1].second);
  }
  return all;
}

}  // namespace astrolabe
