// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/stats/regression.h"

#include <algorithm>
#include <cmath>

#include "astrolabe/stats/scored.h"

namespace astrolabe {
namespace {

constexpr double kLeastMean = 1e-9;

double first_truth(const Scored& scored) {
  std::size_t row = 0;
  while (weight_of(scored, row) == 0) ++row;
  return scored.truth[row];
}

}  // namespace

double squared_error(double truth, std::span<const double> prediction) {
  const double miss = prediction[0] - truth;
  return miss * miss;
}

double rmse(const Scored& scored) {
  return std::sqrt(mean_of_rows(scored, squared_error));
}

double absolute_error(double truth, std::span<const double> prediction) {
  return std::abs(prediction[0] - truth);
}

double mae(const Scored& scored) {
  return mean_of_rows(scored, absolute_error);
}

double r2(const Scored& scored) {
  const double error = mean_of_rows(scored, squared_error);
  if (std::isnan(error)) return kUndefined;
  // Moved by one truth, so that a constant target has a variance of exactly zero.
  const double origin = first_truth(scored);
  const double mean = weighted_mean(scored, [&](std::size_t row) { return scored.truth[row] - origin; });
  const double variance = weighted_mean(scored, [&](std::size_t row) {
    const double deviation = scored.truth[row] - origin - mean;
    return deviation * deviation;
  });
  return variance > 0 ? 1 - error / variance : kUndefined;
}

double pinball_of_row(double truth, std::span<const double> prediction) {
  return absolute_error(truth, prediction) / 2;
}

double pinball(const Scored& scored) {
  return mean_of_rows(scored, pinball_of_row);
}

double poisson_deviance_of_row(double truth, std::span<const double> prediction) {
  if (!(truth >= 0)) return kUndefined;
  const double mean = std::max(prediction[0], kLeastMean);
  const double likelihood = truth > 0 ? truth * std::log(truth / mean) : 0;
  return 2 * (likelihood - truth + mean);
}

double poisson_deviance(const Scored& scored) {
  return mean_of_rows(scored, poisson_deviance_of_row);
}

double gamma_deviance_of_row(double truth, std::span<const double> prediction) {
  if (!(truth > 0)) return kUndefined;
  const double mean = std::max(prediction[0], kLeastMean);
  return 2 * (std::log(mean / truth) + truth / mean - 1);
}

double gamma_deviance(const Scored& scored) {
  return mean_of_rows(scored, gamma_deviance_of_row);
}

}  // namespace astrolabe
