// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evaluate/equal_rows.h"

#include "tests/evaluate/made_data.h"
#include <gtest/gtest.h>

namespace astrolabe {
namespace {

EqualRows count(const Table& table, std::vector<double> targets, std::size_t threads = 1) {
  ThreadPool pool(threads);
  std::vector<std::size_t> columns(table.columns().size());
  std::iota(columns.begin(), columns.end(), std::size_t{0});
  return count_equal_rows(table, columns, regression_labels(std::move(targets)), pool);
}

TEST(EqualRows, are_counted_with_every_one_of_their_set) {
  const Table table({numbers("x", {1, 1, 1, 2, 3, 3}), categories("c", {"a", "a", "a", "a", "b", ""})});
  const EqualRows equal = count(table, {7, 7, 7, 7, 7, 7});
  EXPECT_EQ(equal.rows, 3U);
  EXPECT_EQ(equal.copies, 3U);
}

TEST(EqualRows, are_copies_only_with_the_same_target) {
  const Table table({numbers("x", {1, 1, 1, 2, 2})});
  const EqualRows equal = count(table, {5, 6, 5, 7, 8});
  EXPECT_EQ(equal.rows, 5U);
  EXPECT_EQ(equal.copies, 2U);
}

TEST(EqualRows, count_missing_cells_as_equal) {
  EXPECT_EQ(count(Table({numbers("x", {kMissing, kMissing, 0})}), {1, 1, 1}).rows, 2U);
}

TEST(EqualRows, tell_nothing_where_rows_must_repeat) {
  std::vector<double> bits(100);
  for (std::size_t i = 0; i < 100; ++i) bits[i] = static_cast<double>(i % 2);
  const std::vector<double> targets(100, 1);
  EXPECT_FALSE(count(Table({numbers("x", bits)}), targets).is_telling);
  EXPECT_TRUE(
      count(Table({numbers("x", normal_values(100, 1)), numbers("z", normal_values(100, 2))}), targets)
          .is_telling);
}

TEST(EqualRows, do_not_depend_on_the_number_of_threads) {
  std::vector<double> x(50'000);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i * i % 30'011);
  const Table table({numbers("x", x)});
  EXPECT_EQ(count(table, x, 1).copies, count(table, x, 4).copies);
  EXPECT_GT(count(table, x, 1).copies, 0U);
}

}  // namespace
}  // namespace astrolabe
