// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/kernel/row_loss.h"

#include <algorithm>
#include <cmath>

namespace astrolabe::kernel {
namespace {

constexpr double kWidest = 30;

double tame(double score) {
  return std::clamp(score, -kWidest, kWidest);
}

double logistic(double score) {
  return 1 / (1 + std::exp(-tame(score)));
}

// log(1 + exp(score)).
double softplus(double score) {
  return std::max(score, 0.0) + std::log1p(std::exp(-std::abs(score)));
}

}  // namespace

void soften(std::span<const double> scores, std::span<double> out) {
  const double largest = std::ranges::max(scores);
  double sum = 0;
  for (std::size_t k = 0; k < scores.size(); ++k) sum += out[k] = std::exp(scores[k] - largest);
  for (double& share : out) share /= sum;
}

double RowLoss::value(double y, std::span<const double> scores) const {
  switch (family_) {
    case Family::logistic:
      return softplus(scores[0]) - y * scores[0];
    case Family::multinomial: {
      const double largest = std::ranges::max(scores);
      double sum = 0;
      for (const double score : scores) sum += std::exp(score - largest);
      return largest + std::log(sum) - scores[static_cast<std::size_t>(y)];
    }
    case Family::poisson:
      return std::exp(tame(scores[0])) - y * scores[0];
    case Family::gaussian:
      break;
  }
  return (y - scores[0]) * (y - scores[0]) / 2;
}

void RowLoss::slope(double y, std::span<const double> scores, std::span<double> out) const {
  switch (family_) {
    case Family::logistic:
      out[0] = logistic(scores[0]) - y;
      return;
    case Family::multinomial:
      soften(scores, out);
      out[static_cast<std::size_t>(y)] -= 1;
      return;
    case Family::poisson:
      out[0] = std::exp(tame(scores[0])) - y;
      return;
    case Family::gaussian:
      break;
  }
  out[0] = scores[0] - y;
}

void RowLoss::curve(std::span<const double> scores, std::span<const double> direction,
                    std::span<double> out) const {
  switch (family_) {
    case Family::logistic: {
      const double p = logistic(scores[0]);
      out[0] = p * (1 - p) * direction[0];
      return;
    }
    case Family::multinomial: {
      soften(scores, out);
      double along = 0;
      for (std::size_t k = 0; k < outputs_; ++k) along += out[k] * direction[k];
      for (std::size_t k = 0; k < outputs_; ++k) out[k] *= direction[k] - along;
      return;
    }
    case Family::poisson:
      out[0] = std::exp(tame(scores[0])) * direction[0];
      return;
    case Family::gaussian:
      break;
  }
  out[0] = direction[0];
}

}  // namespace astrolabe::kernel
