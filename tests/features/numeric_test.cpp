// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "tests/features/tables.h"
#include <gtest/gtest.h>

namespace astrolabe::testing {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<float> one_feature(std::vector<double> cells, EncodingNeeds needs) {
  const Table table = table_of(numbers("x", std::move(cells)));
  return values_of(fit_all(table, needs).train, "x");
}

TEST(Numeric, stays_itself_for_trees_with_missing_as_nan) {
  const std::vector<float> x = one_feature({1.5, kMissing, -2, 7}, kTreesNeeds);
  ASSERT_EQ(x.size(), 4U);
  EXPECT_EQ(x[0], 1.5F);
  EXPECT_TRUE(std::isnan(x[1]));
  EXPECT_EQ(x[2], -2.0F);
}

TEST(Numeric, is_centred_and_scaled_by_the_fitting_rows) {
  // Mean 3, deviations -2 -1 0 1 2: standard deviation sqrt(2).
  const std::vector<float> x = one_feature({1, 2, 3, 4, 5}, kLinearNeeds);
  ASSERT_EQ(x.size(), 5U);
  EXPECT_FLOAT_EQ(x[0], static_cast<float>(-2 / std::sqrt(2.0)));
  EXPECT_FLOAT_EQ(x[2], 0.0F);
  EXPECT_FLOAT_EQ(x[4], static_cast<float>(2 / std::sqrt(2.0)));
}

TEST(Numeric, fills_missing_with_the_median_and_says_where) {
  const Table table = table_of(numbers("x", {1, 2, kMissing, 4, 9, 3}));
  const FeatureMatrix train = fit_all(table, kPlainNeeds).train;
  EXPECT_EQ(names_of(train), (std::vector<std::string>{"x", "x.missing"}));
  EXPECT_EQ(values_of(train, "x"), (std::vector<float>{1, 2, 3, 4, 9, 3}));
  EXPECT_EQ(values_of(train, "x.missing"), (std::vector<float>{0, 0, 1, 0, 0, 0}));
}

TEST(Numeric, has_no_indicator_below_one_missing_in_a_hundred) {
  std::vector<double> cells(101);
  std::iota(cells.begin(), cells.end(), 0.0);
  cells[50] = kMissing;
  EXPECT_EQ(names_of(fit_all(table_of(numbers("x", cells)), kPlainNeeds).train),
            std::vector<std::string>{"x"});
}

TEST(Numeric, missing_that_fitting_never_saw_is_the_median_when_encoding) {
  const Table table = table_of(numbers("x", {1, 2, 6}));
  const FittedEncoding fitted = fit_all(table, kPlainNeeds);
  const Table other = table_of(numbers("x", {kMissing, -kInfinity}));
  EXPECT_EQ(values_of(encode_all(*fitted.encoder, other), "x"), (std::vector<float>{2, 2}));
}

TEST(Numeric, infinities_are_missing) {
  const std::vector<float> x = one_feature({1, kInfinity, 3, -kInfinity}, kTreesNeeds);
  EXPECT_TRUE(std::isnan(x[1]));
  EXPECT_TRUE(std::isnan(x[3]));
}

TEST(Numeric, is_clipped_to_ten_deviations_for_learners_that_want_standardised) {
  const FittedEncoding fitted = fit_all(table_of(numbers("x", {-1, 1, -1, 1})), kLinearNeeds);
  const Table other = table_of(numbers("x", {1e300, -50, 2}));
  EXPECT_EQ(values_of(encode_all(*fitted.encoder, other), "x"), (std::vector<float>{10, -10, 2}));
}

TEST(Numeric, of_the_whole_range_of_doubles_stays_finite_and_ordered) {
  for (const EncodingNeeds& needs : {kTreesNeeds, kLinearNeeds, kPlainNeeds}) {
    const std::vector<float> x = one_feature({-1.7e308, -1e300, 0, 1e300, 1.7e308}, needs);
    ASSERT_EQ(x.size(), 5U);
    for (const float value : x) EXPECT_TRUE(std::isfinite(value));
    EXPECT_TRUE(std::is_sorted(x.begin(), x.end()));
    EXPECT_LT(x.front(), x.back());
  }
}

TEST(Numeric, tiny_numbers_stay_apart) {
  const std::vector<float> x = one_feature({1e-200, 2e-200, 3e-200}, kTreesNeeds);
  EXPECT_LT(x[0], x[1]);
  EXPECT_LT(x[1], x[2]);
}

TEST(Numeric, close_large_numbers_stay_apart_as_floats) {
  const std::vector<float> x = one_feature({1600000000, 1600000001, 1600000002}, kTreesNeeds);
  EXPECT_EQ(x, (std::vector<float>{0, 1, 2}));
}

TEST(Numeric, of_mostly_zeros_is_sparse_and_scaled_but_not_centred) {
  const Table table = table_of(numbers("x", {0, 0, 0, 0, 0, 0, 0, 0, 0, 10}));
  const FeatureMatrix train = fit_all(table, kLinearNeeds).train;
  ASSERT_EQ(train.features(), 1U);
  EXPECT_TRUE(train.columns[0].is_sparse);
  EXPECT_EQ(train.columns[0].sparse_rows, std::vector<std::uint32_t>{9});
  // Standard deviation: mean 1, (9 * 1 + 81) / 10 = 9, its root 3.
  EXPECT_FLOAT_EQ(train.columns[0].sparse_values[0], 10.0F / 3);
}

TEST(Numeric, sparse_columns_list_missing_cells_for_trees) {
  const Table table = table_of(numbers("x", {0, 0, 0, 0, 0, 0, 0, 0, kMissing, 10}));
  const FeatureColumn x = fit_all(table, kTreesNeeds).train.columns.at(0);
  EXPECT_EQ(x.sparse_rows, (std::vector<std::uint32_t>{8, 9}));
  EXPECT_TRUE(std::isnan(x.sparse_values[0]));
}

TEST(Numeric, that_is_constant_gives_no_feature) {
  EXPECT_EQ(fit_all(table_of(numbers("x", {4, 4, 4})), kTreesNeeds).train.features(), 0U);
  EXPECT_EQ(fit_all(table_of(numbers("x", {kMissing, kMissing})), kTreesNeeds).train.features(), 0U);
}

TEST(Numeric, that_is_constant_or_missing_tells_which) {
  const Table table = table_of(numbers("x", {4, kMissing, 4}));
  EXPECT_EQ(names_of(fit_all(table, kLinearNeeds).train), std::vector<std::string>{"x.missing"});
  EXPECT_TRUE(std::isnan(values_of(fit_all(table, kTreesNeeds).train, "x").at(1)));
}

TEST(Numeric, reads_only_the_fitting_rows) {
  const Table table = table_of(numbers("x", {1, 3, 1e9, kMissing}));
  const FittedEncoding fitted = fit_rows(table, {0, 1}, alternating(2), kLinearNeeds);
  EXPECT_EQ(values_of(fitted.train, "x"), (std::vector<float>{-1, 1}));
  EXPECT_EQ(names_of(fitted.train), std::vector<std::string>{"x"});
}

}  // namespace
}  // namespace astrolabe::testing
