// SPDX-License-Identifier: Apache-2.0
#include "tests/data/tables.h"
#include <gtest/gtest.h>

#include "astrolabe/data/split.h"

namespace astrolabe {
namespace {

const Key kKey = Key::from_seed(1);

std::string hold_out_message(Column column, SplitKind kind) {
  const std::string name = column.name;
  const Table table({std::move(column)});
  return message_of(ErrorKind::bad_input, [&] { (void)hold_out(table, {kind, name}, {}, 0.2, kKey); });
}

std::string folds_message(Column column, SplitKind kind, std::size_t folds) {
  const std::string name = column.name;
  const Table table({std::move(column)});
  std::vector<RowIndex> rows;
  for (RowIndex row = 0; row < table.rows(); ++row) rows.push_back(row);
  return message_of(ErrorKind::bad_input,
                    [&] { (void)make_folds(table, rows, {kind, name}, {}, folds, kKey); });
}

TEST(SplitRuleError, shows_the_four_forms) {
  for (const char* text : {"", "half", "group", "group:", "random:x", "times:x"}) {
    EXPECT_TRUE(says(message_of(ErrorKind::usage, [&] { (void)parse_split_rule(text); }),
                     "random, group:COLUMN, time:COLUMN or given:COLUMN", text));
  }
}

TEST(SplitError, an_unknown_column_offers_the_nearest_name) {
  const Table table({numbers("patient", {1, 2})});
  EXPECT_TRUE(says(message_of(ErrorKind::bad_input,
                              [&] { (void)hold_out(table, {SplitKind::group, "patiant"}, {}, 0.2, kKey); }),
                   "patiant", "Did you mean \"patient\"?"));
}

TEST(SplitError, an_unknown_column_without_a_near_name_lists_the_columns) {
  const Table table({numbers("patient", {1, 2}), numbers("age", {1, 2})});
  EXPECT_TRUE(says(message_of(ErrorKind::bad_input, [&] { (void)table.require("zzzzzzzz", "target"); }),
                   "target", "patient, age"));
}

TEST(SplitError, one_group_cannot_be_held_out) {
  EXPECT_TRUE(says(hold_out_message(categories("g", {"a", "a", "a"}), SplitKind::group), "\"g\"",
                   "two different values", "--split random"));
}

TEST(SplitError, one_moment_cannot_be_cut) {
  EXPECT_TRUE(says(hold_out_message(numbers("day", {3, 3, 3}), SplitKind::time), "two different values"));
}

TEST(SplitError, a_row_without_a_time_is_counted) {
  EXPECT_TRUE(says(hold_out_message(numbers("day", {3, kMissing, 4}), SplitKind::time), "a time in every row",
                   "1 of 3 rows"));
}

TEST(SplitError, text_that_does_not_order_by_time_is_refused) {
  EXPECT_TRUE(says(hold_out_message(categories("month", {"Jan", "Feb"}), SplitKind::time),
                   "category column with the cell \"Jan\"", "--types month=datetime"));
  EXPECT_TRUE(says(hold_out_message(texts("month", {"2011-1", "2011-10"}), SplitKind::time), "\"2011-10\""));
}

TEST(SplitError, a_given_word_that_nobody_knows_is_shown) {
  EXPECT_TRUE(says(hold_out_message(categories("part", {"train", "later", "test"}), SplitKind::given),
                   "train or test in every row", "\"later\""));
}

TEST(SplitError, a_given_part_must_be_in_every_row) {
  EXPECT_TRUE(says(hold_out_message(categories("part", {"train", "", "test"}), SplitKind::given),
                   "an empty cell in row 2"));
}

TEST(SplitError, a_given_column_must_name_both_parts) {
  EXPECT_TRUE(
      says(hold_out_message(categories("part", {"train", "train"}), SplitKind::given), "no row for judging"));
  EXPECT_TRUE(
      says(hold_out_message(categories("part", {"test", "test"}), SplitKind::given), "no row for training"));
  EXPECT_TRUE(says(hold_out_message(numbers("fold", {2, 2}), SplitKind::given), "no row for training"));
}

TEST(SplitError, a_given_boolean_must_say_what_true_means) {
  EXPECT_TRUE(
      says(hold_out_message(categories("flag", {"true", "false"}, ColumnType::boolean), SplitKind::given),
           "whether true means train or test"));
  EXPECT_TRUE(
      says(hold_out_message(numbers("part", {0, 1}), SplitKind::given), "whether true means train or test"));
}

TEST(SplitError, given_fractions_and_dates_are_refused) {
  EXPECT_TRUE(says(hold_out_message(numbers("fold", {1, 2.5}), SplitKind::given), "the number 2.5"));
  EXPECT_TRUE(
      says(hold_out_message(numbers("day", {1, 2}, ColumnType::datetime), SplitKind::given), "dates"));
}

TEST(SplitError, there_must_be_a_row_for_each_fold) {
  EXPECT_TRUE(says(folds_message(numbers("x", {1, 2}), SplitKind::random, 3), "3 folds", "at least 3 rows",
                   "found 2"));
}

TEST(SplitError, there_must_be_a_group_for_each_fold) {
  EXPECT_TRUE(says(folds_message(categories("g", {"a", "a", "b", "b"}), SplitKind::group, 3),
                   "at least 3 different values in \"g\""));
}

TEST(SplitError, forward_chaining_needs_one_moment_more_than_folds) {
  EXPECT_TRUE(says(folds_message(numbers("day", {1, 1, 2, 3}), SplitKind::time, 3),
                   "at least 4 different values in \"day\""));
}

}  // namespace
}  // namespace astrolabe
