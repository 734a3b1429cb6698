// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/profile.h"

#include <numeric>

#include "tests/data/tables.h"
#include <gtest/gtest.h>

namespace astrolabe {
namespace {

ColumnProfile profile_of(Column column) {
  ThreadPool pool(2);
  std::vector<Column> columns;
  columns.push_back(std::move(column));
  return profile_table(Table(std::move(columns)), pool).front();
}

TEST(Profile, of_numbers_counts_missing_infinite_and_distinct_cells) {
  const ColumnProfile profile = profile_of(numbers("x", {3, 1, kMissing, 1, INFINITY, INFINITY, -0.0, 0.0}));
  EXPECT_EQ(profile.name, "x");
  EXPECT_EQ(profile.rows, 8U);
  EXPECT_EQ(profile.missing, 1U);
  EXPECT_EQ(profile.infinities, 2U);
  EXPECT_EQ(profile.distinct, 4U);  // 3, 1, 0 and infinity
  EXPECT_EQ(profile.min, 0);
  EXPECT_EQ(profile.max, 3);
  EXPECT_EQ(profile.mean, 1);
  EXPECT_EQ(profile.median, 1);
  EXPECT_NEAR(profile.standard_deviation, std::sqrt(1.5), 1e-15);
}

TEST(Profile, takes_the_middle_of_two_medians) {
  EXPECT_EQ(profile_of(numbers("x", {1, 2, 4, 9})).median, 3);
}

TEST(Profile, has_twenty_bins_that_hold_every_finite_cell) {
  std::vector<double> values(1000);
  std::iota(values.begin(), values.end(), 0);
  const ColumnProfile profile = profile_of(numbers("x", values));
  EXPECT_EQ(profile.histogram, std::vector<std::uint64_t>(20, 50));
  const ColumnProfile wide = profile_of(numbers("x", {-1.7e308, 1.7e308}));
  EXPECT_EQ(wide.histogram.front(), 1U);
  EXPECT_EQ(wide.histogram.back(), 1U);
  EXPECT_EQ(profile_of(numbers("x", {5, 5})).histogram.front(), 2U);
}

TEST(Profile, of_a_column_without_a_finite_cell_has_no_moments) {
  const ColumnProfile profile = profile_of(numbers("x", {kMissing, INFINITY, -INFINITY}));
  EXPECT_TRUE(std::isnan(profile.mean));
  EXPECT_TRUE(std::isnan(profile.median));
  EXPECT_TRUE(profile.histogram.empty());
  EXPECT_EQ(profile.distinct, 2U);
}

TEST(Profile, lists_the_eight_commonest_cells_with_ties_by_name) {
  const ColumnProfile profile =
      profile_of(categories("c", {"j", "b", "b", "a", "i", "h", "g", "f", "e", "d", "", "c"}));
  EXPECT_EQ(profile.distinct, 10U);
  EXPECT_EQ(profile.missing, 1U);
  ASSERT_EQ(profile.commonest.size(), 8U);
  EXPECT_EQ(profile.commonest[0], std::pair(std::string("b"), std::uint64_t{2}));
  EXPECT_EQ(profile.commonest[1].first, "a");
  EXPECT_EQ(profile.commonest[7].first, "h");
}

TEST(Profile, leaves_out_levels_that_no_cell_has) {
  Column column = categories("c", {"a", "b"});
  column.codes[1] = 0;
  EXPECT_EQ(profile_of(column).distinct, 1U);
}

TEST(Profile, of_text_is_that_of_categories) {
  const ColumnProfile profile = profile_of(texts("t", {"x y", "", "x y", "z"}));
  EXPECT_EQ(profile.distinct, 2U);
  EXPECT_EQ(profile.missing, 1U);
  EXPECT_EQ(profile.commonest.front(), std::pair(std::string("x y"), std::uint64_t{2}));
}

}  // namespace
}  // namespace astrolabe
