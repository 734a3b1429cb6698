// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evaluate/residual_range.h"

#include <cmath>

#include "tests/evaluate/made_data.h"
#include <gtest/gtest.h>

namespace astrolabe {
namespace {

TEST(ResidualRange, of_known_residuals_leaves_half_of_the_rest_at_each_end) {
  std::vector<double> residuals;
  for (int i = 1; i <= 99; ++i) residuals.push_back(i);
  const ResidualRange range = residual_range(residuals, 0.5);
  EXPECT_EQ(range.low, 25);
  EXPECT_EQ(range.high, 75);
}

TEST(ResidualRange, covers_new_rows_as_often_as_it_says) {
  double covered = 0;
  double judged = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const std::vector<double> values = normal_values(60, seed);
    const ResidualRange range = residual_range(std::span(values).first(50), 0.8);
    for (const double fresh : std::span(values).last(10)) {
      covered += fresh >= range.low && fresh <= range.high ? 1 : 0;
      judged += 1;
    }
  }
  // At least 0.8 by construction; less than 2/51 above it; three standard errors of 4,000 rows.
  EXPECT_GT(covered / judged, 0.78);
  EXPECT_LT(covered / judged, 0.86);
}

TEST(ResidualRange, of_too_few_residuals_is_from_the_least_to_the_largest) {
  const std::vector<double> residuals{2, -1, 0.5};
  EXPECT_EQ(residual_range(residuals, 0.9).low, -1);
  EXPECT_EQ(residual_range(residuals, 0.9).high, 2);
}

TEST(ResidualRange, of_no_residuals_is_a_point) {
  EXPECT_EQ(residual_range({}, 0.9).low, 0);
  EXPECT_EQ(residual_range({}, 0.9).high, 0);
}

// Residuals of rows whose noise is `noises` of them, in turn.
std::vector<double> noisy_residuals(const std::vector<double>& noises, std::size_t rows, std::uint64_t seed) {
  std::vector<double> residuals = normal_values(rows, seed);
  for (std::size_t i = 0; i < rows; ++i) residuals[i] *= noises[i % noises.size()];
  return residuals;
}

TEST(ResidualRange, in_units_of_a_spread_is_better_where_the_noise_differs) {
  const std::vector<double> residuals = noisy_residuals({0.2, 1}, 1'000, 1);
  std::vector<double> spreads;
  for (std::size_t i = 0; i < residuals.size(); ++i) spreads.push_back(i % 2 == 0 ? 0.2 : 1);
  EXPECT_TRUE(are_ranges_better(residuals, spreads, 0.9));
  // The other way round they are wide where nothing happens.
  for (double& spread : spreads) spread = 1.2 - spread;
  EXPECT_FALSE(are_ranges_better(residuals, spreads, 0.9));
}

TEST(ResidualRange, in_units_of_a_spread_that_means_nothing_is_not_better) {
  std::size_t better = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const std::vector<double> residuals = noisy_residuals({1}, 500, seed);
    std::vector<double> spreads = normal_values(500, 1'000 + seed);
    for (double& spread : spreads) spread = 1 + 0.05 * std::abs(spread);
    better += are_ranges_better(residuals, spreads, 0.9) ? 1 : 0;
  }
  EXPECT_LE(better, 3U);
}

}  // namespace
}  // namespace astrolabe
