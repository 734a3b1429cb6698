// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/split.h"

#include <map>
#include <numeric>
#include <set>

#include "tests/data/tables.h"
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace astrolabe {
namespace {

const Key kKey = Key::from_seed(1);

std::vector<double> counting(std::size_t rows) {
  std::vector<double> values(rows);
  std::iota(values.begin(), values.end(), 0);
  return values;
}

std::vector<RowIndex> all(std::size_t rows) {
  std::vector<RowIndex> result(rows);
  std::iota(result.begin(), result.end(), RowIndex{0});
  return result;
}

Table numbered(std::size_t rows) {
  return Table({numbers("x", counting(rows))});
}

TEST(SplitRule, reads_the_four_kinds) {
  EXPECT_EQ(parse_split_rule("random").kind, SplitKind::random);
  EXPECT_EQ(parse_split_rule("group:patient").kind, SplitKind::group);
  EXPECT_EQ(parse_split_rule("group:patient").column, "patient");
  EXPECT_EQ(parse_split_rule("time:a:b").column, "a:b");
  EXPECT_EQ(parse_split_rule("given:part").kind, SplitKind::given);
}

TEST(HoldOut, takes_the_same_share_of_every_class) {
  std::vector<int> strata(1000);
  for (std::size_t i = 0; i < strata.size(); ++i) strata[i] = i % 10 == 0 ? 1 : 0;
  const Holdout parts = hold_out(numbered(1000), {}, strata, 0.2, kKey);
  EXPECT_EQ(parts.held_out.size(), 200U);
  EXPECT_EQ(parts.rest.size(), 800U);
  EXPECT_EQ(std::ranges::count_if(parts.held_out, [&](RowIndex row) { return strata[row] == 1; }), 20);
  EXPECT_TRUE(std::ranges::is_sorted(parts.rest));
  EXPECT_TRUE(std::ranges::is_sorted(parts.held_out));
}

TEST(HoldOut, depends_on_the_key_and_nothing_else) {
  const Table table = numbered(100);
  EXPECT_EQ(hold_out(table, {}, {}, 0.2, kKey).held_out, hold_out(table, {}, {}, 0.2, kKey).held_out);
  EXPECT_NE(hold_out(table, {}, {}, 0.2, kKey).held_out,
            hold_out(table, {}, {}, 0.2, Key::from_seed(2)).held_out);
}

TEST(HoldOut, leaves_the_only_row_of_a_class_for_training) {
  std::vector<int> strata(10, 0);
  strata[3] = 1;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Holdout parts = hold_out(numbered(10), {}, strata, 0.5, Key::from_seed(seed));
    EXPECT_EQ(std::ranges::count(parts.held_out, RowIndex{3}), 0);
    EXPECT_EQ(parts.held_out.size(), 5U);
  }
}

TEST(HoldOut, of_no_share_holds_out_nothing) {
  EXPECT_TRUE(hold_out(numbered(10), {}, {}, 0, kKey).held_out.empty());
  EXPECT_EQ(hold_out(numbered(10), {}, {}, 0, kKey).rest.size(), 10U);
}

TEST(HoldOut, by_group_keeps_groups_whole_and_the_size_close) {
  std::vector<std::string> cells;
  for (int i = 0; i < 1000; ++i) cells.push_back(fmt::format("g{}", i * i % 37));
  const Table table({categories("g", cells)});
  const Holdout parts = hold_out(table, {SplitKind::group, "g"}, {}, 0.2, kKey);
  std::set<std::string> held;
  for (const RowIndex row : parts.held_out) held.insert(cells[row]);
  for (const RowIndex row : parts.rest) EXPECT_FALSE(held.contains(cells[row]));
  EXPECT_NEAR(static_cast<double>(parts.held_out.size()), 200, 30);
  EXPECT_EQ(parts.held_out.size() + parts.rest.size(), 1000U);
}

TEST(HoldOut, by_group_gives_the_same_groups_for_any_order_of_rows) {
  const std::vector<std::string> cells{"a", "b", "c", "d", "e", "a", "b", "c", "d", "e"};
  std::vector<std::string> reversed(cells.rbegin(), cells.rend());
  const auto held_groups = [](const std::vector<std::string>& of) {
    std::set<std::string> held;
    const Table table({categories("g", of)});
    for (const RowIndex row : hold_out(table, {SplitKind::group, "g"}, {}, 0.4, kKey).held_out) {
      held.insert(of[row]);
    }
    return held;
  };
  EXPECT_EQ(held_groups(cells), held_groups(reversed));
  EXPECT_EQ(held_groups(cells).size(), 2U);
}

TEST(HoldOut, by_two_groups_takes_the_smaller) {
  const Table table({categories("g", {"a", "a", "a", "b", "b"})});
  const Holdout parts = hold_out(table, {SplitKind::group, "g"}, {}, 0.1, kKey);
  EXPECT_EQ(parts.held_out, (std::vector<RowIndex>{3, 4}));
}

TEST(HoldOut, by_time_judges_the_latest_rows_and_never_splits_a_moment) {
  const Table table({numbers("day", {9, 1, 2, 3, 4, 5, 6, 8, 8, 8}, ColumnType::datetime)});
  const Holdout parts = hold_out(table, {SplitKind::time, "day"}, {}, 0.3, kKey);
  EXPECT_EQ(parts.held_out, (std::vector<RowIndex>{0, 7, 8, 9}));
}

TEST(HoldOut, by_time_reads_text_that_begins_with_the_year) {
  const Table table({categories("month", {"2011-02", "2010-12", "2011-01", "2010-11"})});
  EXPECT_EQ(hold_out(table, {SplitKind::time, "month"}, {}, 0.25, kKey).held_out, std::vector<RowIndex>{0});
}

TEST(HoldOut, as_given_reads_words_in_any_case) {
  const Table table({categories("part", {"Train", "TEST", "train", "Validation", "hold-out"})});
  EXPECT_EQ(hold_out(table, {SplitKind::given, "part"}, {}, 0.2, kKey).held_out,
            (std::vector<RowIndex>{1, 3, 4}));
  const Table text({texts("part", {"train", "test"})});
  EXPECT_EQ(hold_out(text, {SplitKind::given, "part"}, {}, 0.2, kKey).held_out, std::vector<RowIndex>{1});
  const Table boolean({categories("part", {"test", "train"}, ColumnType::boolean)});
  EXPECT_EQ(hold_out(boolean, {SplitKind::given, "part"}, {}, 0.2, kKey).held_out, std::vector<RowIndex>{0});
}

TEST(HoldOut, as_given_holds_out_the_last_fold_number) {
  const Table table({numbers("fold", {1, 2, 3, 3, 1}, ColumnType::whole_number)});
  EXPECT_EQ(hold_out(table, {SplitKind::given, "fold"}, {}, 0.2, kKey).held_out,
            (std::vector<RowIndex>{2, 3}));
}

TEST(HoldOut, as_given_reads_true_by_the_name_of_the_column) {
  const auto held = [](Column column) {
    const std::string name = column.name;
    const Table table({std::move(column)});
    return hold_out(table, {SplitKind::given, name}, {}, 0.2, kKey).held_out;
  };
  EXPECT_EQ(held(categories("is_test", {"true", "false"}, ColumnType::boolean)), std::vector<RowIndex>{0});
  EXPECT_EQ(held(categories("is_train", {"yes", "no"}, ColumnType::boolean)), std::vector<RowIndex>{1});
  EXPECT_EQ(held(numbers("Train", {1, 0}, ColumnType::whole_number)), std::vector<RowIndex>{1});
  EXPECT_EQ(held(numbers("validation", {1, 0}, ColumnType::whole_number)), std::vector<RowIndex>{0});
}

TEST(Folds, judge_every_row_once_and_balance_the_classes) {
  std::vector<int> strata(103);
  for (std::size_t i = 0; i < strata.size(); ++i) strata[i] = static_cast<int>(i % 3);
  const auto folds = make_folds(numbered(103), all(103), {}, strata, 5, kKey);
  std::vector<int> judged(103, 0);
  for (const Fold& fold : folds) {
    EXPECT_NEAR(static_cast<double>(fold.valid.size()), 20.6, 0.61);
    EXPECT_EQ(fold.train.size() + fold.valid.size(), 103U);
    std::map<int, int> per_class;
    for (const RowIndex row : fold.valid) {
      ++judged[row];
      ++per_class[strata[row]];
    }
    for (const auto& [stratum, count] : per_class) EXPECT_NEAR(count, 103.0 / 15, 1);
  }
  EXPECT_EQ(judged, std::vector<int>(103, 1));
}

TEST(Folds, use_the_given_rows_only) {
  const std::vector<RowIndex> rows{1, 3, 5, 7, 9, 11};
  for (const Fold& fold : make_folds(numbered(12), rows, {}, {}, 3, kKey)) {
    EXPECT_EQ(fold.valid.size(), 2U);
    for (const RowIndex row : fold.train) EXPECT_EQ(row % 2, 1U);
  }
}

TEST(Folds, by_group_keep_groups_whole_and_sizes_close) {
  std::vector<std::string> cells;
  for (int i = 0; i < 1000; ++i) cells.push_back(fmt::format("g{}", i % 60 < 20 ? 0 : i % 60));
  const Table table({categories("g", cells)});
  const auto folds = make_folds(table, all(1000), {SplitKind::group, "g"}, {}, 3, kKey);
  std::map<std::string, std::size_t> judged_in;
  for (std::size_t i = 0; i < folds.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(folds[i].valid.size()), 333, 17);
    for (const RowIndex row : folds[i].valid) {
      EXPECT_EQ(judged_in.try_emplace(cells[row], i).first->second, i);
    }
    std::set<std::string> watched;
    for (const RowIndex row : folds[i].watch) watched.insert(cells[row]);
    EXPECT_FALSE(watched.empty());
    for (const RowIndex row : folds[i].train) {
      const bool is_watched = std::ranges::binary_search(folds[i].watch, row);
      EXPECT_EQ(watched.contains(cells[row]), is_watched);
    }
  }
}

TEST(Folds, by_time_train_on_the_past_and_judge_the_next_block) {
  std::vector<double> days(60);
  for (std::size_t i = 0; i < days.size(); ++i) days[i] = static_cast<double>(59 - i) / 2;  // newest first
  for (double& day : days) day = std::floor(day);                                           // two rows a day
  const Table table({numbers("day", days)});
  const auto folds = make_folds(table, all(60), {SplitKind::time, "day"}, {}, 5, kKey);
  ASSERT_EQ(folds.size(), 5U);
  std::size_t judged = 0;
  for (const Fold& fold : folds) {
    double newest_past = -1;
    for (const RowIndex row : fold.train) newest_past = std::max(newest_past, days[row]);
    for (const RowIndex row : fold.valid) EXPECT_GT(days[row], newest_past);
    double oldest_watched = 1e9;
    for (const RowIndex row : fold.watch) oldest_watched = std::min(oldest_watched, days[row]);
    for (const RowIndex row : fold.train) {
      EXPECT_EQ(days[row] >= oldest_watched, std::ranges::binary_search(fold.watch, row));
    }
    judged += fold.valid.size();
  }
  EXPECT_EQ(judged, 50U);
}

TEST(Folds, as_given_fall_back_to_random_ones) {
  const Table table({categories("part", {"train", "train", "train", "train"})});
  const auto folds = make_folds(table, all(4), {SplitKind::given, "part"}, {}, 2, kKey);
  EXPECT_EQ(folds[0].valid.size(), 2U);
}

TEST(Folds, watch_a_part_of_their_own_training_rows) {
  const auto folds = make_folds(numbered(1000), all(1000), {}, {}, 4, kKey);
  for (const Fold& fold : folds) {
    EXPECT_EQ(fold.watch.size(), 113U);  // 15 % of 750, rounded
    EXPECT_TRUE(std::ranges::includes(fold.train, fold.watch));
  }
  for (const Fold& fold : make_folds(numbered(20), all(20), {}, {}, 4, kKey)) {
    EXPECT_TRUE(fold.watch.empty());
  }
}

TEST(Folds, watch_at_most_20000_rows) {
  const auto folds = make_folds(numbered(300'000), all(300'000), {}, {}, 2, kKey);
  EXPECT_EQ(folds[0].watch.size(), 20'000U);
}

TEST(DrawRows, takes_at_most_what_was_asked_for_in_whole_groups) {
  std::vector<std::uint32_t> groups;
  for (std::uint32_t row = 0; row < 300; ++row) groups.push_back(row % 30);
  EXPECT_EQ(draw_rows(all(300), {}, 100, kKey).size(), 100U);
  EXPECT_EQ(draw_rows(all(300), groups, 300, kKey), all(300));
  const std::vector<RowIndex> drawn = draw_rows(all(300), groups, 105, kKey);
  EXPECT_EQ(drawn.size(), 100U);
  EXPECT_TRUE(std::ranges::is_sorted(drawn));
  std::set<std::uint32_t> taken;
  for (const RowIndex row : drawn) taken.insert(groups[row]);
  EXPECT_EQ(taken.size(), 10U);
  EXPECT_EQ(draw_rows(all(300), groups, 3, kKey).size(), 10U);  // one group at least
  EXPECT_NE(drawn, draw_rows(all(300), groups, 105, Key::from_seed(2)));
}

}  // namespace
}  // namespace astrolabe
