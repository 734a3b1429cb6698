// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/stats/sequential.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "astrolabe/base/error.h"
#include "astrolabe/stats/scored.h"

namespace astrolabe {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kPi = 3.14159265358979323846;

}  // namespace

PairedEvidence::PairedEvidence(double scale) : variance_of_effect_(scale * scale) {
  ASTROLABE_CHECK(scale > 0, "an effect that one hopes to see has a size");
}

void PairedEvidence::add(double difference) {
  ASTROLABE_CHECK(std::isfinite(difference), "a pair has a difference");
  ++pairs_;
  const double before = difference - mean_;
  mean_ += before / static_cast<double>(pairs_);
  squares_ += before * (difference - mean_);
}

double PairedEvidence::deviation() const {
  return pairs_ < 2 ? kUndefined : std::sqrt(squares_ / static_cast<double>(pairs_ - 1));
}

double PairedEvidence::e_value() const {
  if (pairs_ < 2) return 1;
  if (squares_ == 0) return mean_ == 0 ? 1 : kInfinity;
  const auto n = static_cast<double>(pairs_);
  const double growth = 1 + n * variance_of_effect_;
  const double ratio = n * mean_ * mean_ / squares_;  // t^2 / (n - 1)
  return std::exp(n / 2 * (std::log1p(ratio) - std::log1p(ratio / growth)) - std::log(growth) / 2);
}

Estimate PairedEvidence::interval(double alpha) const {
  ASTROLABE_CHECK(alpha > 0 && alpha < 1, "an error rate is between 0 and 1");
  Estimate estimate{.value = mean_, .low = -kInfinity, .high = kInfinity, .method = "anytime t"};
  if (pairs_ < 2) return estimate;
  // Of the e-value above for "the mean is m": solved for the largest (mean - m)^2 that is not rejected.
  const auto n = static_cast<double>(pairs_);
  const double growth = 1 + n * variance_of_effect_;
  const double bar = std::exp(2 / n * (std::log(growth) / 2 - std::log(alpha)));
  if (bar >= growth) return estimate;
  const double reach = std::sqrt((bar - 1) / (1 - bar / growth) * squares_ / n);
  estimate.low = mean_ - reach;
  estimate.high = mean_ + reach;
  return estimate;
}

double PairedEvidence::shrunk_mean() const {
  const double weight = static_cast<double>(pairs_) * variance_of_effect_;
  return mean_ * weight / (1 + weight);
}

double alpha_of_look(double alpha, std::size_t look) {
  ASTROLABE_CHECK(look >= 1, "looks are counted from 1");
  const double k = kPi * static_cast<double>(look);
  return alpha * 6 / (k * k);
}

std::vector<bool> e_benjamini_hochberg(std::span<const double> e_values, double alpha) {
  std::vector<double> order(e_values.begin(), e_values.end());
  std::ranges::sort(order, std::greater<>());
  const auto hypotheses = static_cast<double>(order.size());
  double least = kInfinity;  // of the e-values that are large enough
  for (std::size_t k = order.size(); k >= 1; --k) {
    if (static_cast<double>(k) * order[k - 1] < hypotheses / alpha) continue;
    least = order[k - 1];
    break;
  }
  std::vector<bool> rejected(e_values.size());
  for (std::size_t i = 0; i < e_values.size(); ++i) rejected[i] = e_values[i] >= least;
  return rejected;
}

}  // namespace astrolabe
