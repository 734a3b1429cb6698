// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/privacy/gaussian_dp.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "astrolabe/privacy/normal_tail.h"
#include "astrolabe/stats/distribution.h"

namespace astrolabe {

double log_gaussian_delta(double mu, double epsilon) {
  if (mu == 0) return -std::numeric_limits<double>::infinity();
  return log_subtract(log_normal_cdf(mu / 2 - epsilon / mu),
                      epsilon + log_normal_cdf(-mu / 2 - epsilon / mu));
}

double gaussian_delta(double mu, double epsilon) {
  return std::exp(log_gaussian_delta(mu, epsilon));
}

double gaussian_epsilon(double mu, double delta) {
  if (std::isinf(mu)) return mu;
  const double target = std::log(delta);
  const auto is_enough = [&](double epsilon) { return log_gaussian_delta(mu, epsilon) <= target; };
  if (is_enough(0)) return 0;
  double low = 0, high = 1;
  while (!is_enough(high)) {
    low = high;
    high *= 2;
  }
  while (high - low > 1e-13 * high) {
    const double middle = (low + high) / 2;
    (is_enough(middle) ? high : low) = middle;
  }
  return high;
}

double gaussian_true_positives(double mu, double false_positives) {
  return normal_cdf(mu + normal_quantile(false_positives));
}

double clt_mu_poisson(double sigma, double rate, double steps) {
  return rate * std::sqrt(steps * std::expm1(1 / (sigma * sigma)));
}

double clt_mu_uniform(double sigma, double rate, double steps) {
  const double inner =
      std::exp(1 / (sigma * sigma)) * normal_cdf(1.5 / sigma) + 3 * normal_cdf(-0.5 / sigma) - 2;
  return std::sqrt(2 * steps * std::max(0.0, inner)) * rate;
}

}  // namespace astrolabe
