// SPDX-License-Identifier: Apache-2.0
// What a second level finds: the weights that are known to be best, none below zero, for every kind of task.
#include "astrolabe/evaluate/second_level.h"

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

namespace astrolabe {
namespace {

constexpr std::size_t kRows = 4'000;

std::vector<std::size_t> all_places() {
  std::vector<std::size_t> places(kRows);
  std::iota(places.begin(), places.end(), std::size_t{0});
  return places;
}

double logistic(double score) {
  return 1 / (1 + std::exp(-score));
}

// Truths of a regression around 100, and systems that err apart by their own noise.
SystemPredictions noisy_values(const std::vector<double>& noises) {
  RandomStream random(Key::from_seed(1));
  SystemPredictions systems;
  systems.of.resize(noises.size());
  for (std::size_t row = 0; row < kRows; ++row) {
    systems.truth.push_back(100 + 10 * random.normal());
    for (std::size_t s = 0; s < noises.size(); ++s)
      systems.of[s].push_back(systems.truth.back() + noises[s] * random.normal());
  }
  return systems;
}

TEST(SecondLevel, weighs_systems_that_err_apart_by_the_inverse_of_their_variances) {
  const SystemPredictions systems = noisy_values({1, 2});
  const SecondLevel level = fit_second_level(TaskKind::regression, systems, all_places(), {{0.5, 0.5}});
  EXPECT_NEAR(level.weights[0], 0.8, 0.02);
  EXPECT_NEAR(level.weights[1], 0.2, 0.02);
  EXPECT_NEAR(level.bias, 100 * (1 - level.weights[0] - level.weights[1]), 0.2);
}

TEST(SecondLevel, gives_no_system_a_negative_weight) {
  // The second is the first with more of its own error: free weights would subtract it.
  SystemPredictions systems = noisy_values({2, 0});
  for (std::size_t row = 0; row < kRows; ++row)
    systems.of[1][row] = systems.truth[row] + 2 * (systems.of[0][row] - systems.truth[row]);
  const SecondLevel level = fit_second_level(TaskKind::regression, systems, all_places(), {{0.5, 0.5}});
  EXPECT_EQ(level.weights[1], 0);
  EXPECT_GT(level.weights[0], 0.9);
}

TEST(SecondLevel, reads_no_target_back_from_predictions_that_left_it_out) {
  // Pure noise. The mean of the other rows of its pair moves against a row's own target; so does any system
  // that is fitted without it. A free weight of -1 would tell the target.
  RandomStream random(Key::from_seed(3));
  SystemPredictions systems;
  systems.of.resize(1);
  const double sum = 4;
  for (std::size_t row = 0; row < kRows; ++row) {
    systems.truth.push_back(random.normal());
    systems.of[0].push_back((sum - systems.truth.back()) / 9);
  }
  const SecondLevel level = fit_second_level(TaskKind::regression, systems, all_places(), {{1.0}});
  EXPECT_EQ(level.weights[0], 0);
  EXPECT_NEAR(level.bias, 0, 0.05);
}

TEST(SecondLevel, makes_shy_probabilities_as_sure_as_they_may_be) {
  RandomStream random(Key::from_seed(2));
  SystemPredictions systems;
  systems.of.resize(2);
  for (std::size_t row = 0; row < kRows; ++row) {
    const double score = 2 * random.normal();
    systems.truth.push_back(random.uniform() < logistic(score) ? 1 : 0);
    systems.of[0].push_back(logistic(0.5 * score - 0.3));
    systems.of[1].push_back(random.uniform());
  }
  const SecondLevel level = fit_second_level(TaskKind::binary, systems, all_places(), {{0.5, 0.5}});
  EXPECT_NEAR(level.weights[0], 2, 0.2);
  EXPECT_NEAR(level.weights[1], 0, 0.05);
  EXPECT_NEAR(level.bias, 0.6, 0.15);
}

TEST(SecondLevel, of_several_classes_finds_the_power_that_made_them) {
  RandomStream random(Key::from_seed(4));
  SystemPredictions systems;
  systems.outputs = 3;
  systems.of.resize(2);
  for (std::size_t row = 0; row < kRows; ++row) {
    std::vector<double> true_shares, shy;
    for (int k = 0; k < 3; ++k) true_shares.push_back(std::exp(1.5 * random.normal()));
    const double sum = std::accumulate(true_shares.begin(), true_shares.end(), 0.0);
    for (double& share : true_shares) share /= sum;
    for (const double share : true_shares) shy.push_back(std::sqrt(share));
    const double shy_sum = std::accumulate(shy.begin(), shy.end(), 0.0);
    for (const double share : shy) systems.of[0].push_back(share / shy_sum);
    for (int k = 0; k < 3; ++k) systems.of[1].push_back(1.0 / 3);
    const double drawn = random.uniform();
    systems.truth.push_back(drawn < true_shares[0] ? 0 : drawn < true_shares[0] + true_shares[1] ? 1 : 2);
  }
  const SecondLevel level = fit_second_level(TaskKind::multiclass, systems, all_places(), {{1.0, 0.0}});
  EXPECT_NEAR(level.weights[0], 2, 0.15);
  EXPECT_EQ(level.bias, 0);
  std::vector<double> out(systems.of[0].size(), 0.0);
  for (std::size_t s = 0; s < 2; ++s) level.add(s, systems.of[s], out);
  level.finish(out, 3);
  for (std::size_t row = 0; row < 10; ++row)
    EXPECT_NEAR(out[row * 3] + out[row * 3 + 1] + out[row * 3 + 2], 1, 1e-12);
}

TEST(SecondLevel, leaves_rows_without_weight_and_places_not_given_out) {
  SystemPredictions systems = noisy_values({1, 2});
  const SecondLevel whole = fit_second_level(TaskKind::regression, systems,
                                             std::vector<std::size_t>{0, 1, 2, 3, 4, 5, 6, 7}, {{0.5, 0.5}});
  systems.weight.assign(kRows, 0.0);
  std::fill_n(systems.weight.begin(), 8, 1.0);
  const SecondLevel weighted = fit_second_level(TaskKind::regression, systems, all_places(), {{0.5, 0.5}});
  EXPECT_NEAR(whole.weights[0], weighted.weights[0], 1e-9);
  EXPECT_NEAR(whole.bias, weighted.bias, 1e-6);
}

}  // namespace
}  // namespace astrolabe
