// SPDX-License-Identifier: Apache-2.0
// Do 95 % intervals hold the truth 95 times in 100? Simulated sets whose true value is known.
#include <cmath>
#include <functional>
#include <string_view>

#include "tests/stats/samples.h"
#include <gtest/gtest.h>

#include "astrolabe/base/random.h"
#include "astrolabe/stats/interval.h"

namespace astrolabe {
namespace {

constexpr std::size_t kSets = 400;
// 3.3 standard deviations of a binomial share of 0.95 over 400 sets: passed by chance 999 times in 1000.
constexpr double kSlack = 0.036;

// The share of sets whose interval holds the truth.
double coverage(const std::function<bool(Key)>& holds) {
  std::size_t held = 0;
  for (std::size_t set = 0; set < kSets; ++set) held += holds(Key::from_seed(20).split(set)) ? 1 : 0;
  return static_cast<double>(held) / static_cast<double>(kSets);
}

bool holds(const Estimate& estimate, double truth) {
  return estimate.low <= truth && truth <= estimate.high;
}

double normal_cdf(double x) {
  return std::erfc(-x / std::sqrt(2.0)) / 2;
}

// Two predictors of the same rows: scores of positives are shifted by `shift`, the noise is half shared.
struct Pair {
  Sample a, b;
};
Pair binormal_pair(Key key, std::size_t rows, double shift_a, double shift_b) {
  RandomStream random(key);
  Pair pair;
  for (std::size_t row = 0; row < rows; ++row) {
    const bool positive = row % 3 == 0;
    const double shared = random.normal();
    pair.a.truth.push_back(positive);
    pair.a.prediction.push_back((shared + random.normal()) / std::sqrt(2.0) + (positive ? shift_a : 0));
    pair.b.prediction.push_back((shared + random.normal()) / std::sqrt(2.0) + (positive ? shift_b : 0));
    pair.a.weight.push_back(0.5 + random.uniform());
  }
  pair.b.truth = pair.a.truth;
  pair.b.weight = pair.a.weight;
  return pair;
}

double binormal_auc(double shift) {
  return normal_cdf(shift / std::sqrt(2.0));
}

// y = x + noise, predicted by x: mean squared error `noise`^2, R2 = 1 / (1 + noise^2).
Pair noisy_line(Key key, std::size_t rows, double noise, double noise_b) {
  RandomStream random(key);
  Pair pair;
  for (std::size_t row = 0; row < rows; ++row) {
    const double x = random.normal();
    pair.a.truth.push_back(x + noise * random.normal());
    pair.a.prediction.push_back(x);
    pair.b.prediction.push_back(x + noise_b * random.normal());
    pair.a.weight.push_back(0.5 + random.uniform());
  }
  pair.b.truth = pair.a.truth;
  pair.b.weight = pair.a.weight;
  return pair;
}

const Metric& metric(std::string_view name) {
  return *find_metric(name);
}

TEST(Coverage, of_delong_is_what_it_says) {
  EXPECT_NEAR(coverage([](Key key) {
                const Pair pair = binormal_pair(key, 300, 1, 1);
                return holds(estimate(metric("auc"), pair.a.unweighted(), key), binormal_auc(1));
              }),
              0.95, kSlack);
}

TEST(Coverage, of_paired_delong_is_what_it_says) {
  EXPECT_NEAR(coverage([](Key key) {
                const Pair pair = binormal_pair(key, 300, 1.2, 0.8);
                return holds(
                    paired_difference(metric("auc"), pair.a.unweighted(), pair.b.unweighted(), key).effect,
                    binormal_auc(1.2) - binormal_auc(0.8));
              }),
              0.95, kSlack);
}

TEST(Coverage, of_student_t_is_what_it_says_with_and_without_weights) {
  const double truth = 0.5 * std::sqrt(2 / M_PI);  // mean absolute error of normal noise of deviation 0.5
  EXPECT_NEAR(coverage([&](Key key) {
                return holds(estimate(metric("mae"), noisy_line(key, 100, 0.5, 0).a.unweighted(), key),
                             truth);
              }),
              0.95, kSlack);
  EXPECT_NEAR(coverage([&](Key key) {
                return holds(estimate(metric("mae"), noisy_line(key, 100, 0.5, 0).a.weighted(), key), truth);
              }),
              0.95, kSlack);
}

TEST(Coverage, of_the_delta_method_is_what_it_says) {
  EXPECT_NEAR(coverage([](Key key) {
                return holds(estimate(metric("rmse"), noisy_line(key, 300, 0.5, 0).a.unweighted(), key), 0.5);
              }),
              0.95, kSlack);
}

TEST(Coverage, of_the_paired_delta_method_is_what_it_says) {
  const double truth = 0.5 - std::sqrt(0.25 + 0.09);
  EXPECT_NEAR(coverage([&](Key key) {
                const Pair pair = noisy_line(key, 300, 0.5, 0.3);
                return holds(
                    paired_difference(metric("rmse"), pair.a.weighted(), pair.b.weighted(), key).effect,
                    truth);
              }),
              0.95, kSlack);
}

TEST(Coverage, of_wilson_is_what_it_says) {
  EXPECT_NEAR(coverage([](Key key) {
                RandomStream random(key);
                double successes = 0;
                for (int trial = 0; trial < 60; ++trial) successes += random.uniform() < 0.9 ? 1 : 0;
                return holds(wilson_interval(successes, 60), 0.9);
              }),
              0.95, kSlack);
}

TEST(Coverage, of_the_bootstrap_is_what_it_says) {
  EXPECT_NEAR(coverage([](Key key) {
                return holds(estimate(metric("r2"), noisy_line(key, 150, 0.5, 0).a.unweighted(), key), 0.8);
              }),
              0.95, kSlack);
  EXPECT_NEAR(coverage([](Key key) {
                const Pair pair = binormal_pair(key, 150, 1, 1);
                return holds(estimate(metric("auc"), pair.a.weighted(), key), binormal_auc(1));
              }),
              0.95, kSlack);
}

// Under no difference, a p-value below 0.05 comes 5 times in 100.
TEST(PValue, of_no_difference_is_small_as_often_as_it_says) {
  EXPECT_NEAR(
      coverage([](Key key) {
        const Pair pair = binormal_pair(key, 150, 1, 1);
        return paired_difference(metric("auc"), pair.a.unweighted(), pair.b.unweighted(), key).p_value >=
               0.05;
      }),
      0.95, kSlack);
  EXPECT_NEAR(coverage([](Key key) {
                const Pair pair = binormal_pair(key, 150, 1, 1);
                return paired_difference(metric("auc"), pair.a.weighted(), pair.b.weighted(), key).p_value >=
                       0.05;
              }),
              0.95, kSlack);
}

}  // namespace
}  // namespace astrolabe
