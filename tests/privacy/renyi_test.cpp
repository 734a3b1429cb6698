// SPDX-License-Identifier: Apache-2.0
// Published figures: google/differential-privacy (rdp_privacy_accountant_test.py), tensorflow/privacy
// (compute_dp_sgd_privacy_test.py).
#include "astrolabe/privacy/renyi.h"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "astrolabe/privacy/normal_tail.h"

namespace astrolabe {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

RenyiEpsilon epsilon_of(const Mechanism& mechanism, double delta) {
  std::vector<double> spent(classic_renyi_orders().size());
  add_renyi(mechanism, classic_renyi_orders(), spent, RenyiTerms::counted_positive);
  return renyi_epsilon(classic_renyi_orders(), spent, delta);
}

Mechanism sgd(double rows, double batch, double sigma, double epochs) {
  return {.noise_multiplier = sigma,
          .sampling_rate = batch / rows,
          .times = static_cast<std::uint64_t>(std::ceil(epochs * rows / batch))};
}

// The moment by the trapezoid rule, which converges geometrically for such integrands.
double divergence_by_quadrature(double rate, double sigma, double order) {
  double log_sum = -kInfinity;
  const double step = sigma / 200, from = -30 * sigma, to = order + 30 * sigma;
  for (double z = from; z <= to; z += step) {
    const double log_base = -z * z / (2 * sigma * sigma) - std::log(sigma * std::sqrt(2 * M_PI));
    const double log_ratio = log_add(std::log1p(-rate), std::log(rate) + (2 * z - 1) / (2 * sigma * sigma));
    log_sum = log_add(log_sum, log_base + order * log_ratio + std::log(step));
  }
  return log_sum / (order - 1);
}

TEST(RenyiEpsilon, equals_the_published_figures_of_tensorflow_privacy) {
  RenyiEpsilon found = epsilon_of(sgd(60000, 150, 1.3, 15), 1e-5);
  EXPECT_NEAR(found.epsilon, 0.7242234026109595, 1e-10);
  EXPECT_EQ(found.order, 19);
  found = epsilon_of(sgd(100000, 100, 1.0, 30), 1e-7);
  EXPECT_NEAR(found.epsilon, 1.4154988495444842, 1e-10);
  EXPECT_EQ(found.order, 13);
  found = epsilon_of(sgd(1e8, 1024, 0.1, 10), 1e-7);
  EXPECT_NEAR(found.epsilon / 5907982.3113984, 1, 1e-12);
  EXPECT_EQ(found.order, 1.25);
}

TEST(RenyiDivergence, equals_the_published_curve) {
  const Mechanism sampled{.noise_multiplier = 2.5, .sampling_rate = 0.01, .times = 50};
  const std::vector<double> orders = {1.5, 2.5, 5, 50, 100, kInfinity};
  const std::vector<double> published = {6.70579741e-4, 1.08548710e-3, 2.18075656e-3,
                                         2.38460375e-2, 1.67416308e2,  kInfinity};
  std::vector<double> spent(orders.size());
  add_renyi(sampled, orders, spent, RenyiTerms::counted_positive);
  for (std::size_t i = 0; i + 1 < orders.size(); ++i)
    EXPECT_NEAR(spent[i] / published[i], 1, 1e-8) << orders[i];
  EXPECT_EQ(spent.back(), kInfinity);
}

TEST(RenyiEpsilon, over_dense_orders_is_exactly_1_at_the_published_noise) {
  std::vector<double> orders;
  for (int i = 1001; i < 100000; ++i) orders.push_back(i / 1000.0);
  std::vector<double> spent(orders.size());
  add_renyi({.noise_multiplier = 4.530877117}, orders, spent);
  EXPECT_NEAR(renyi_epsilon(orders, spent, 1e-6).epsilon, 1, 1e-7);
  EXPECT_NEAR(renyi_delta(orders, spent, 1), 1e-6, 1e-13);
}

TEST(RenyiDivergence, equals_quadrature_and_is_never_below_it) {
  for (const double rate : {0.001, 0.1, 0.6})
    for (const double sigma : {0.6, 1.0, 3.0})
      for (const double order : {1.25, 2.0, 2.5, 4.5, 7.0, 9.3}) {
        const Mechanism sampled{.noise_multiplier = sigma, .sampling_rate = rate};
        const double found = renyi_divergence(sampled, order);
        const double truth = divergence_by_quadrature(rate, sigma, order);
        EXPECT_NEAR(found / truth, 1, 1e-5) << rate << " " << sigma << " " << order;
        EXPECT_GE(found, truth * (1 - 1e-8) - 4e-11) << rate << " " << sigma << " " << order;
        EXPECT_GE(renyi_divergence(sampled, order, RenyiTerms::counted_positive), found * (1 - 1e-9));
      }
}

TEST(RenyiDivergence, of_laplace_is_at_most_its_pure_epsilon) {
  const Mechanism laplace{.noise = Noise::laplace, .noise_multiplier = 2};
  EXPECT_NEAR(renyi_divergence(laplace, 1e6), 0.5, 1e-5);
  EXPECT_EQ(renyi_divergence(laplace, kInfinity), 0.5);
  EXPECT_LT(renyi_divergence(laplace, 2), 0.5);
}

TEST(NormalTail, joins_where_the_series_begins) {
  EXPECT_NEAR(log_normal_cdf(-40), -804.6084420137538, 1e-11);
  EXPECT_NEAR(log_normal_cdf(0), std::log(0.5), 1e-15);
  EXPECT_NEAR(log_normal_cdf(5), -2.866516129637636e-7, 1e-20);
  EXPECT_NEAR(log_normal_cdf(-35 + 1e-9) / log_normal_cdf(-35 - 1e-9), 1, 1e-9);
  EXPECT_EQ(log_normal_cdf(-kInfinity), -kInfinity);
}

}  // namespace
}  // namespace astrolabe
