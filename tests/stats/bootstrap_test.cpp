// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/stats/bootstrap.h"

#include <array>
#include <cmath>
#include <cstdint>

#include <gtest/gtest.h>

namespace astrolabe {
namespace {

TEST(DrawCounts, follow_the_poisson_distribution_of_mean_one) {
  std::vector<std::uint8_t> counts(1'000'000);
  draw_counts(Key::from_seed(7), counts);
  std::array<double, 9> seen{};
  for (const std::uint8_t count : counts) ++seen.at(count);
  double expected = static_cast<double>(counts.size()) * std::exp(-1);
  for (std::size_t k = 0; k < 6; ++k) {
    // Five standard deviations of a binomial count, and 1/65536 of rounding in the table.
    const double slack = 5 * std::sqrt(expected) + static_cast<double>(counts.size()) / 65536;
    EXPECT_NEAR(seen[k], expected, slack) << k;
    expected /= static_cast<double>(k + 1);
  }
}

TEST(DrawCounts, of_a_row_do_not_depend_on_how_many_rows_follow) {
  std::vector<std::uint8_t> few(5), many(500);
  draw_counts(Key::from_seed(7), few);
  draw_counts(Key::from_seed(7), many);
  EXPECT_TRUE(std::equal(few.begin(), few.end(), many.begin()));
}

TEST(ResampleCount, falls_with_the_rows_but_never_below_a_hundred) {
  EXPECT_EQ(resample_count(1), 1000U);
  EXPECT_EQ(resample_count(20'000), 1000U);
  EXPECT_EQ(resample_count(20'001), 500U);
  EXPECT_EQ(resample_count(200'000), 500U);
  EXPECT_EQ(resample_count(400'000), 250U);
  EXPECT_EQ(resample_count(1'000'000'000), 100U);
}

TEST(Percentile, lies_linearly_between_the_order_statistics) {
  const std::vector<double> values{0, 10, 20, 30, 40};
  EXPECT_EQ(percentile(values, 0), 0);
  EXPECT_EQ(percentile(values, 0.5), 20);
  EXPECT_EQ(percentile(values, 0.625), 25);
  EXPECT_EQ(percentile(values, 1), 40);
  EXPECT_EQ(percentile(std::vector{3.0}, 0.7), 3);
}

}  // namespace
}  // namespace astrolabe
