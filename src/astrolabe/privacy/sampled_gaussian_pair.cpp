// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/privacy/sampled_gaussian_pair.h"

#include <cmath>
#include <limits>
#include <numbers>

#include "astrolabe/privacy/normal_tail.h"
#include "astrolabe/privacy/smooth_tails.h"

namespace astrolabe {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// P(|X| > 9.7) of a normal X is below kCutMass.
constexpr double kFarOut = 9.75;
// The trapezoid rule over the whole line: its error falls faster than any power of the step.
constexpr double kMeanStep = 1.0 / 16;

// P(X <= x), to full relative precision.
double cdf(double x) {
  return std::erfc(-x / std::numbers::sqrt2) / 2;
}

}  // namespace

SampledGaussianPair::SampledGaussianPair(double sigma, double rate, Direction direction)
    : sigma_(sigma), rate_(rate), direction_(direction) {}

double SampledGaussianPair::ratio_at(double x) const {
  const double plain = (2 * x - 1) / (2 * sigma_ * sigma_);
  if (rate_ == 1) return plain;
  if (plain > 1) return plain + std::log(rate_) + std::log1p((1 / rate_ - 1) * std::exp(-plain));
  return std::log1p(rate_ * std::expm1(plain));
}

double SampledGaussianPair::place_of(double loss) const {
  double plain = loss;
  if (rate_ < 1) {
    // log((exp(loss) - 1 + rate) / rate), without loss of digits on either side.
    const double above = std::expm1(loss) / rate_;
    if (loss > 1)
      plain = loss - std::log(rate_) + std::log1p(-(1 - rate_) * std::exp(-loss));
    else if (above <= -1)
      return -kInfinity;
    else
      plain = std::log1p(above);
  }
  return sigma_ * sigma_ * plain + 0.5;
}

LossTails SampledGaussianPair::tails(double loss) const {
  if (direction_ == Direction::remove) {
    const double x = place_of(loss) / sigma_;  // the loss exceeds it to the right
    const double without = cdf(-x), with = cdf(1 / sigma_ - x);
    return {.first = (1 - rate_) * without + rate_ * with, .second = without};
  }
  const double x = place_of(-loss) / sigma_;  // to the left
  const double without = cdf(x), with = cdf(x - 1 / sigma_);
  return {.first = without, .second = (1 - rate_) * without + rate_ * with};
}

std::vector<LossTails> SampledGaussianPair::tails_along(double from, double step, std::size_t count) const {
  return smooth_tails(*this, from, step, count);
}

double SampledGaussianPair::lowest() const {
  return direction_ == Direction::remove ? ratio_at(-kFarOut * sigma_) : -ratio_at(kFarOut * sigma_);
}

double SampledGaussianPair::highest() const {
  return direction_ == Direction::remove ? ratio_at(1 + kFarOut * sigma_) : -ratio_at(-kFarOut * sigma_);
}

double SampledGaussianPair::mean() const {
  double sum = 0;
  const double scale = kMeanStep / std::sqrt(2 * std::numbers::pi);
  for (double z = -12; z <= 12; z += kMeanStep) {
    const double weight = scale * std::exp(-z * z / 2);
    if (direction_ == Direction::remove)
      sum += weight * ((1 - rate_) * ratio_at(sigma_ * z) + rate_ * ratio_at(1 + sigma_ * z));
    else
      sum -= weight * ratio_at(sigma_ * z);
  }
  return sum;
}

}  // namespace astrolabe
