// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/kernel/lengths.h"

#include <cmath>

#include "tests/learners/kernel/rows.h"
#include <gtest/gtest.h>

#include "astrolabe/learners/kernel/length_search.h"

namespace astrolabe::kernel {
namespace {

// Rows of which only the first column says something, quickly; the others are noise.
Sample wavy_sample(std::size_t rows, std::size_t features, std::vector<double>& targets) {
  RandomStream random(Key::from_seed(7));
  Sample sample{.rows = rows, .x = {}, .values = {}, .weights = std::vector<double>(rows, 1.0)};
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t j = 0; j < features; ++j) sample.x.push_back(static_cast<float>(random.normal()));
    targets.push_back(std::sin(3 * sample.x[row * features]));
  }
  sample.values = targets;
  return sample;
}

TEST(Lengths, are_the_median_distance) {
  const Sample sample{.rows = 3, .x = {0, 1, 5}, .values = {0, 0, 0}, .weights = {1, 1, 1}};
  // Pairs with themselves 0 three times, then 1, 4 and 5 twice each.
  EXPECT_EQ(median_length(KernelShape::gaussian, sample, 1), 1);
  EXPECT_EQ(median_length(KernelShape::arc_cosine1, sample, 1), 1);
  const Sample alike{.rows = 2, .x = {3, 3}, .values = {0, 0}, .weights = {1, 1}};
  EXPECT_EQ(median_length(KernelShape::gaussian, alike, 1), 1) << "nothing to measure";
}

TEST(Lengths, of_a_row_that_weighs_two_are_those_of_a_row_twice) {
  const Sample weighed{.rows = 3, .x = {0, 1, 5}, .values = {0, 0, 0}, .weights = {1, 2, 2}};
  const Sample twice{.rows = 5, .x = {0, 1, 5, 1, 5}, .values = {0, 0, 0, 0, 0}, .weights = {1, 1, 1, 1, 1}};
  EXPECT_EQ(median_length(KernelShape::matern32, weighed, 1), median_length(KernelShape::matern32, twice, 1));
}

TEST(LengthSearch, has_the_slope_of_differences) {
  std::vector<double> targets;
  const Sample sample = wavy_sample(60, 3, targets);
  const KernelChoice choice{.shape = KernelShape::matern52};
  ThreadPool pool(1);
  const Budget budget;
  const LengthSearch search{.choice = choice,
                            .sample = sample,
                            .features = 3,
                            .length = 1.5,
                            .targets = targets,
                            .outputs = 1,
                            .key = Key::from_seed(1),
                            .pool = pool,
                            .budget = budget};
  const std::vector<double> at = {0.2, -0.3, 0.1};
  const double log_penalty = -3;
  const LengthSlope slope = slope_of_lengths(search, at, log_penalty);
  constexpr double kStep = 0.01;  // features are f32
  for (std::size_t j = 0; j < 3; ++j) {
    std::vector<double> high = at, low = at;
    high[j] += kStep;
    low[j] -= kStep;
    const double by =
        (slope_of_lengths(search, high, log_penalty).loss - slope_of_lengths(search, low, log_penalty).loss) /
        (2 * kStep);
    EXPECT_NEAR(slope.by_stretch[j], by, 0.01 * std::abs(by) + 2e-4) << j;
  }
  const double by = (slope_of_lengths(search, at, log_penalty + kStep).loss -
                     slope_of_lengths(search, at, log_penalty - kStep).loss) /
                    (2 * kStep);
  EXPECT_NEAR(slope.by_penalty, by, 0.01 * std::abs(by) + 2e-4);
}

TEST(LengthSearch, sees_far_along_noise_and_near_along_what_matters) {
  std::vector<double> targets;
  const Sample sample = wavy_sample(400, 4, targets);
  const KernelChoice choice{.shape = KernelShape::gaussian};
  ThreadPool pool(2);
  const Budget budget;
  const std::vector<double> stretches = find_stretches({.choice = choice,
                                                        .sample = sample,
                                                        .features = 4,
                                                        .length = 2.5,
                                                        .targets = targets,
                                                        .outputs = 1,
                                                        .key = Key::from_seed(1),
                                                        .pool = pool,
                                                        .budget = budget});
  for (std::size_t noise = 1; noise < 4; ++noise) EXPECT_GT(stretches[0], stretches[noise] + 1);
}

}  // namespace
}  // namespace astrolabe::kernel
