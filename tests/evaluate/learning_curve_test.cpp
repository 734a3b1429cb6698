// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evaluate/learning_curve.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

namespace astrolabe {
namespace {

const Key kKey = Key::from_seed(11);

std::vector<CurvePoint> points_of(double limit, double distance, double rate, double noise, std::size_t seeds,
                                  Key key) {
  RandomStream random(key);
  std::vector<CurvePoint> points;
  for (const double size : {125.0, 250.0, 500.0, 1000.0, 2000.0}) {
    points.push_back({.size = size, .scores = {}});
    for (std::size_t s = 0; s < seeds; ++s)
      points.back().scores.push_back(limit + distance * std::pow(size, -rate) + noise * random.normal());
  }
  return points;
}

TEST(LearningCurve, finds_the_law_that_made_the_scores) {
  const std::vector<double> sizes = {4000, 20000};
  const LearningCurve curve = fit_learning_curve(points_of(0.2, 5, 0.5, 0, 2, kKey), false, sizes, kKey);
  EXPECT_NEAR(curve.forecasts[0].score.value, 0.2 + 5 / std::sqrt(4000.0), 1e-3);
  EXPECT_NEAR(curve.forecasts[1].score.value, 0.2 + 5 / std::sqrt(20000.0), 3e-3);
  EXPECT_GT(curve.forecasts[0].gain.low, 0);
  EXPECT_LT(curve.residual, 1e-3);
}

TEST(LearningCurve, of_scores_where_more_is_better_rises_to_its_limit) {
  const std::vector<double> sizes = {4000};
  const LearningCurve curve = fit_learning_curve(points_of(0.95, -3, 0.5, 0, 1, kKey), true, sizes, kKey);
  EXPECT_NEAR(curve.forecasts[0].score.value, 0.95 - 3 / std::sqrt(4000.0), 2e-3);
  EXPECT_GT(curve.forecasts[0].gain.value, 0);
}

TEST(LearningCurve, that_goes_the_wrong_way_is_flat) {
  const std::vector<double> sizes = {4000};
  const LearningCurve curve = fit_learning_curve(points_of(0.2, -5, 0.5, 0, 1, kKey), false, sizes, kKey);
  EXPECT_EQ(curve.law.distance, 0);
  EXPECT_EQ(curve.forecasts[0].gain.value, 0);
}

TEST(LearningCurve, holds_the_truth_in_its_interval_most_of_the_time) {
  const std::vector<double> sizes = {4000};
  const double truth = 0.2 + 5 / std::sqrt(4000.0);
  std::size_t held = 0;
  for (std::uint64_t trial = 0; trial < 60; ++trial) {
    const auto points = points_of(0.2, 5, 0.5, 0.01, 6, kKey.split(trial));
    const Forecast forecast = fit_learning_curve(points, false, sizes, kKey).forecasts[0];
    held += forecast.score.low <= truth && truth <= forecast.score.high ? 1 : 0;
  }
  EXPECT_GE(held, 51U);  // 85 %; few seeds make rough intervals
}

TEST(LearningCurve, never_passes_the_best_that_there_is) {
  const std::vector<double> sizes = {20000};
  const auto points = points_of(1.05, -1, 0.3, 0.01, 3, kKey);
  const Forecast free = fit_learning_curve(points, true, sizes, kKey).forecasts[0];
  const Forecast bound = fit_learning_curve(points, true, sizes, kKey, 1).forecasts[0];
  EXPECT_GT(free.score.high, 1);
  EXPECT_LE(bound.score.high, 1);
  EXPECT_GT(bound.gain.value, 0);
}

TEST(LearningCurve, of_the_same_key_is_the_same) {
  const std::vector<double> sizes = {4000};
  const auto points = points_of(0.2, 5, 0.5, 0.01, 3, kKey);
  EXPECT_EQ(fit_learning_curve(points, false, sizes, kKey).forecasts[0].score.low,
            fit_learning_curve(points, false, sizes, kKey).forecasts[0].score.low);
}

TEST(ExpectedBest, equals_the_mean_over_all_choices) {
  const std::vector<double> scores = {3, 1, 2, 5};
  const std::vector<std::size_t> sizes = {1, 2, 4};
  const std::vector<double> best = expected_best(scores, false, sizes);
  EXPECT_NEAR(best[0], 11.0 / 4, 1e-12);
  EXPECT_NEAR(best[1], (1 + 2 + 3 + 1 + 1 + 2) / 6.0, 1e-12);
  EXPECT_NEAR(best[2], 1, 1e-12);
  EXPECT_NEAR(expected_best(scores, true, sizes)[2], 5, 1e-12);
}

}  // namespace
}  // namespace astrolabe
