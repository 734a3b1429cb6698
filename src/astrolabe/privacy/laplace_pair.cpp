// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/privacy/laplace_pair.h"

#include <algorithm>
#include <cmath>

namespace astrolabe {
namespace {

constexpr int kPanels = 512;  // of Simpson's rule between the two centres, where the loss is smooth

// P(X > x) of a Laplace variable with centre 0.
double upper_tail(double x, double scale) {
  return x > 0 ? std::exp(-x / scale) / 2 : 1 - std::exp(x / scale) / 2;
}

double density(double x, double scale) {
  return std::exp(-std::abs(x) / scale) / (2 * scale);
}

}  // namespace

LaplacePair::LaplacePair(double scale, double rate, Direction direction)
    : scale_(scale), rate_(rate), direction_(direction) {}

// log of (centre 0, with a chance of `rate` centre 1) against centre 0.
double LaplacePair::ratio_at(double x) const {
  const double plain = (std::abs(x) - std::abs(x - 1)) / scale_;
  return rate_ == 1 ? plain : std::log1p(rate_ * std::expm1(plain));
}

double LaplacePair::highest() const {
  return direction_ == Direction::remove ? ratio_at(1) : -ratio_at(0);
}

double LaplacePair::lowest() const {
  return direction_ == Direction::remove ? ratio_at(0) : -ratio_at(1);
}

LossTails LaplacePair::tails(double loss) const {
  if (loss >= highest()) return {};
  if (loss < lowest()) return {.first = 1, .second = 1};
  // Of the ratio r: at 0 and left of it r is lowest, at 1 and right of it highest; between them it grows.
  const bool is_remove = direction_ == Direction::remove;
  const double ratio = is_remove ? loss : -loss;
  const double plain = rate_ == 1 ? ratio : std::log1p(std::max(-1.0, std::expm1(ratio) / rate_));
  const double x = std::clamp((plain * scale_ + 1) / 2, 0.0, 1.0);
  const double without = upper_tail(x, scale_), with = upper_tail(x - 1, scale_);
  const double mixed = (1 - rate_) * without + rate_ * with;
  if (is_remove) return {.first = mixed, .second = without};
  return {.first = 1 - without, .second = 1 - mixed};
}

double LaplacePair::mean() const {
  // Constant outside of [0, 1].
  const double low = upper_tail(0, scale_), high = upper_tail(1, scale_);
  const auto weight = [&](double without, double with) {
    return direction_ == Direction::remove ? (1 - rate_) * without + rate_ * with : without;
  };
  double sum = weight(low, high) * ratio_at(0) + weight(high, low) * ratio_at(1);
  const double width = 1.0 / kPanels;
  const auto value = [&](double x) {
    return weight(density(x, scale_), density(x - 1, scale_)) * ratio_at(x);
  };
  for (int panel = 0; panel < kPanels; ++panel) {
    const double x = panel * width;
    sum += width / 6 * (value(x) + 4 * value(x + width / 2) + value(x + width));
  }
  return direction_ == Direction::remove ? sum : -sum;
}

}  // namespace astrolabe
