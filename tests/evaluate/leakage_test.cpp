// SPDX-License-Identifier: Apache-2.0
// Planted leaks, each found under its own name; and honest columns, left in peace.
#include "astrolabe/evaluate/leakage.h"

#include "tests/evaluate/made_data.h"
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace astrolabe {
namespace {

constexpr std::size_t kRows = 1500;

std::vector<Leak> scan(std::vector<Column> columns, const Labels& labels, const SplitRule& rule = {},
                       std::size_t threads = 2) {
  const Table table(std::move(columns));
  const std::size_t classes = labels.classes;
  const Task task = labels.kind == TaskKind::regression ? regression_task() : class_task(classes);
  ThreadPool pool(threads);
  return scan_for_leaks(
      {.table = table, .labels = labels, .task = task, .rule = rule, .key = Key::from_seed(1), .pool = pool});
}

// The only leak of a table that has two honest columns besides.
testing::AssertionResult only_leak(std::vector<Column> columns, const Labels& labels, LeakKind kind,
                                   bool is_dropped, const std::vector<std::string>& said) {
  columns.push_back(numbers("honest", normal_values(columns[0].rows(), 101)));
  columns.push_back(numbers("upright", normal_values(columns[0].rows(), 102)));
  const std::vector<Leak> leaks = scan(std::move(columns), labels);
  if (leaks.size() != 1) return testing::AssertionFailure() << leaks.size() << " leaks";
  const Leak& leak = leaks[0];
  if (leak.kind != kind) return testing::AssertionFailure() << "a " << leak_kind_name(leak.kind);
  if (leak.drop != is_dropped) return testing::AssertionFailure() << "drop is " << leak.drop;
  for (const std::string& part : said) {
    if (auto result = says(leak.message, part); !result) return result;
  }
  return testing::AssertionSuccess();
}

const Labels kClasses = class_labels(random_classes(kRows, 7));
const Labels kNumbers = regression_labels(normal_values(kRows, 8));

std::vector<std::string> cells_by_class(const std::vector<std::string>& spelling, const Labels& labels) {
  std::vector<std::string> cells;
  for (const double truth : labels.values) cells.push_back(spelling[static_cast<std::size_t>(truth)]);
  return cells;
}

TEST(Leakage, kinds_have_names) {
  EXPECT_EQ(leak_kind_name(LeakKind::target_copy), "target_copy");
  EXPECT_EQ(leak_kind_name(LeakKind::near_copy), "near_copy");
  EXPECT_EQ(leak_kind_name(LeakKind::identifier), "identifier");
  EXPECT_EQ(leak_kind_name(LeakKind::duplicate_rows), "duplicate_rows");
  EXPECT_EQ(leak_kind_name(LeakKind::knows_the_future), "knows_the_future");
  EXPECT_EQ(leak_kind_name(LeakKind::constant), "constant");
}

TEST(Leakage, finds_a_class_under_other_names) {
  EXPECT_TRUE(only_leak({categories("alias", cells_by_class({"good", "bad"}, kClasses))}, kClasses,
                        LeakKind::target_copy, false,
                        {"alias has one value for each class of y", "--drop alias"}));
}

TEST(Leakage, finds_a_class_that_is_written_as_a_missing_cell) {
  EXPECT_TRUE(only_leak({categories("died", cells_by_class({"", "1912"}, kClasses))}, kClasses,
                        LeakKind::target_copy, false, {"--drop died"}));
}

TEST(Leakage, finds_several_classes_under_other_names) {
  std::vector<double> truth(kRows);
  for (std::size_t i = 0; i < kRows; ++i) truth[i] = static_cast<double>(i * i % 7 % 3);
  const Labels labels = class_labels(truth, 3);
  EXPECT_TRUE(only_leak({categories("alias", cells_by_class({"c", "a", "b"}, labels))}, labels,
                        LeakKind::target_copy, false, {"1,500 rows"}));
}

TEST(Leakage, finds_a_number_in_another_unit) {
  std::vector<double> fahrenheit;
  for (const double celsius : kNumbers.values) fahrenheit.push_back(32 + 1.8 * celsius);
  EXPECT_TRUE(only_leak({numbers("fahrenheit", fahrenheit)}, kNumbers, LeakKind::target_copy, false,
                        {"lies on a straight line with y", "--drop fahrenheit"}));
}

TEST(Leakage, finds_a_class_that_is_almost_there) {
  std::vector<double> x = normal_values(kRows, 3);
  for (std::size_t i = 0; i < kRows; ++i) x[i] += 5 * kClasses.values[i];
  EXPECT_TRUE(only_leak({numbers("reading", x)}, kClasses, LeakKind::near_copy, false,
                        {"reading alone predicts y with AUC 0.99", "--drop reading"}));
}

TEST(Leakage, finds_a_number_that_is_almost_there) {
  std::vector<double> x = normal_values(kRows, 3);
  for (std::size_t i = 0; i < kRows; ++i) x[i] = std::exp(kNumbers.values[i]) * (1 + 0.01 * x[i]);
  EXPECT_TRUE(only_leak({numbers("price with tax", x)}, kNumbers, LeakKind::near_copy, false,
                        {"R2 0.99", "--drop 'price with tax'"}));
}

TEST(Leakage, finds_several_classes_that_are_almost_there) {
  std::vector<double> truth(kRows);
  for (std::size_t i = 0; i < kRows; ++i) truth[i] = static_cast<double>(i * i % 7 % 3);
  const Labels labels = class_labels(truth, 3);
  std::vector<std::string> cells = cells_by_class({"c", "a", "b"}, labels);
  for (std::size_t i = 0; i < kRows; i += 200) cells[i] = "unclear";
  EXPECT_TRUE(only_leak({categories("status", cells)}, labels, LeakKind::near_copy, false,
                        {"share of errors avoided"}));
}

TEST(Leakage, says_nothing_of_a_column_that_is_merely_good) {
  std::vector<double> x = normal_values(kRows, 3);
  for (std::size_t i = 0; i < kRows; ++i) x[i] += 2 * kClasses.values[i];  // AUC 0.92
  EXPECT_TRUE(scan({numbers("reading", x)}, kClasses).empty());
}

TEST(Leakage, finds_a_cell_that_is_written_when_it_has_happened) {
  std::vector<double> x(kRows, kMissing);
  for (std::size_t i = 0; i < kRows; ++i) {
    if (kClasses.values[i] == 1 && i % 4 == 0) x[i] = static_cast<double>(i % 13);
  }
  EXPECT_TRUE(only_leak({numbers("refund", x)}, kClasses, LeakKind::knows_the_future, false,
                        {"refund has a value in", "100.0 % of these are y = classB", "--drop refund"}));
}

TEST(Leakage, finds_a_cell_that_is_empty_when_it_has_happened) {
  std::vector<double> x = normal_values(kRows, 4);
  for (std::size_t i = 0; i < kRows; ++i) {
    if (kClasses.values[i] == 1 && i % 4 == 0) x[i] = kMissing;
  }
  EXPECT_TRUE(only_leak({numbers("next_visit", x)}, kClasses, LeakKind::knows_the_future, false,
                        {"next_visit is empty in"}));
}

TEST(Leakage, finds_missing_cells_that_tell_a_number) {
  std::vector<double> y = normal_values(kRows, 5);
  std::vector<double> x = normal_values(kRows, 6);
  for (std::size_t i = 0; i < kRows; ++i) {
    if (i % 3 == 0) {
      y[i] += 10;
      x[i] = kMissing;
    }
  }
  EXPECT_TRUE(only_leak({numbers("x", x)}, regression_labels(y), LeakKind::knows_the_future, false,
                        {"whether x has a value already tells y", "R2 0.9"}));
}

TEST(Leakage, says_nothing_of_cells_that_are_missing_at_random_or_with_a_common_class) {
  std::vector<double> x = normal_values(kRows, 6);
  for (std::size_t i = 0; i < kRows; i += 3) x[i] = kMissing;
  EXPECT_TRUE(scan({numbers("x", x)}, kClasses).empty());
  const Labels rare = class_labels(random_classes(kRows, 9, 0.02));
  EXPECT_TRUE(scan({numbers("x", x)}, rare).empty());
}

TEST(Leakage, drops_identifiers_and_says_how_to_keep_them) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kRows; ++i) names.push_back(fmt::format("C-{}", i));
  EXPECT_TRUE(only_leak({texts("customer", names, ColumnType::identifier)}, kClasses, LeakKind::identifier,
                        true,
                        {"customer is an identifier (1,500 different values in 1,500 rows)",
                         "--types customer=category keeps it"}));
}

TEST(Leakage, drops_running_numbers_with_gaps) {
  std::vector<double> running(kRows);
  for (std::size_t i = 0; i < kRows; ++i) running[i] = static_cast<double>(1000 + i * 3 - i % 2);
  EXPECT_TRUE(only_leak({numbers("order", running, ColumnType::whole_number)}, kClasses, LeakKind::identifier,
                        true, {"order numbers the rows", "--types order=number keeps it"}));
}

TEST(Leakage, keeps_whole_numbers_that_differ_because_their_range_is_wide) {
  std::vector<double> salary(kRows);
  for (std::size_t i = 0; i < kRows; ++i) salary[i] = static_cast<double>(i * 7'919 % 1'000'003);
  EXPECT_TRUE(scan({numbers("salary", salary, ColumnType::whole_number)}, kClasses).empty());
}

TEST(Leakage, warns_of_a_category_that_is_nearly_unique) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kRows; ++i) names.push_back(fmt::format("n{}", i - i % 50 / 49));
  EXPECT_TRUE(only_leak({categories("ticket", names)}, kClasses, LeakKind::identifier, false,
                        {"1,470 different values in 1,500 rows", "--drop ticket"}));
}

TEST(Leakage, drops_constants_and_empty_columns) {
  EXPECT_TRUE(only_leak({categories("land", std::vector<std::string>(kRows, "here"))}, kClasses,
                        LeakKind::constant, true, {"land is here in every row"}));
  EXPECT_TRUE(only_leak({numbers("void", std::vector<double>(kRows, kMissing))}, kClasses, LeakKind::constant,
                        true, {"void is empty in every row"}));
}

TEST(Leakage, finds_the_parts_of_a_sum) {
  const std::vector<double> casual = normal_values(kRows, 11);
  std::vector<double> registered;
  for (std::size_t i = 0; i < kRows; ++i) registered.push_back(kNumbers.values[i] - casual[i]);
  const std::vector<Leak> leaks = scan({numbers("other", normal_values(kRows, 12)), numbers("casual", casual),
                                        numbers("registered", registered)},
                                       kNumbers);
  ASSERT_EQ(leaks.size(), 2U);
  EXPECT_EQ(leaks[0].column, "casual");
  EXPECT_EQ(leaks[0].kind, LeakKind::near_copy);
  EXPECT_TRUE(says(leaks[0].message, "y = casual + registered", "--drop casual"));
  EXPECT_TRUE(says(leaks[1].message, "y = casual + registered", "--drop registered"));
}

class CopiedRows : public testing::Test {
 protected:
  // The first `copied` rows stand at the end again; `changed` of them with another class.
  std::vector<Leak> scan_with(std::size_t copied, std::size_t changed, const SplitRule& rule) {
    std::vector<double> x = normal_values(kRows, 21);
    std::vector<double> z = normal_values(kRows, 22);
    std::vector<double> y = kClasses.values;
    for (std::size_t i = 0; i < copied; ++i) {
      x[kRows - 1 - i] = x[i];
      z[kRows - 1 - i] = z[i];
      y[kRows - 1 - i] = i < changed ? 1 - y[i] : y[i];
    }
    return scan({numbers("x", x), numbers("z", z)}, class_labels(y), rule);
  }
};

TEST_F(CopiedRows, are_counted_on_both_sides) {
  const std::vector<Leak> leaks = scan_with(60, 0, {});
  ASSERT_EQ(leaks.size(), 1U);
  EXPECT_EQ(leaks[0].kind, LeakKind::duplicate_rows);
  EXPECT_EQ(leaks[0].column, "");
  EXPECT_DOUBLE_EQ(leaks[0].strength, 120.0 / kRows);
  EXPECT_FALSE(leaks[0].drop);
  EXPECT_TRUE(says(leaks[0].message, "120 of 1,500 rows (8.0 %)", "--split group:COLUMN"));
}

TEST_F(CopiedRows, with_another_target_are_said_but_do_not_count) {
  const std::vector<Leak> leaks = scan_with(60, 10, {});
  ASSERT_EQ(leaks.size(), 1U);
  EXPECT_TRUE(
      says(leaks[0].message, "100 of 1,500 rows", "20 more equal another row in everything but the target"));
  EXPECT_TRUE(scan_with(60, 60, {}).empty());
}

TEST_F(CopiedRows, under_a_group_split_are_said_otherwise) {
  const std::vector<Leak> leaks = scan_with(60, 0, {SplitKind::group, "g"});
  ASSERT_EQ(leaks.size(), 1U);
  EXPECT_TRUE(says(leaks[0].message, "in different groups"));
}

TEST_F(CopiedRows, that_are_few_are_not_worth_a_word) {
  EXPECT_TRUE(scan_with(5, 0, {}).empty());
}

TEST(Leakage, finds_copies_behind_an_identifier) {
  std::vector<double> x = normal_values(kRows, 21);
  std::vector<double> y = kClasses.values;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kRows; ++i) names.push_back(fmt::format("r{}", i));
  for (std::size_t i = 0; i < 100; ++i) {
    x[kRows - 1 - i] = x[i];
    y[kRows - 1 - i] = y[i];
  }
  const std::vector<Leak> leaks =
      scan({texts("id", names, ColumnType::identifier), numbers("x", x), numbers("x2", x)}, class_labels(y));
  ASSERT_EQ(leaks.size(), 2U);
  EXPECT_EQ(leaks[1].kind, LeakKind::duplicate_rows);
}

TEST(Leakage, is_told_in_the_order_of_columns_and_alike_on_any_number_of_threads) {
  std::vector<Column> columns;
  columns.push_back(numbers("c", std::vector<double>(kRows, 1)));
  columns.push_back(numbers("copy", kNumbers.values));
  columns.push_back(numbers("b", std::vector<double>(kRows, 2)));
  const std::vector<Leak> one = scan(columns, kNumbers, {}, 1);
  const std::vector<Leak> four = scan(columns, kNumbers, {}, 4);
  ASSERT_EQ(one.size(), 3U);
  ASSERT_EQ(four.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(one[i].message, four[i].message);
  EXPECT_EQ(one[0].column, "c");
  EXPECT_EQ(one[1].column, "copy");
}

TEST(Leakage, of_a_large_table_is_found_in_a_sample) {
  constexpr std::size_t kMany = 60'000;
  const std::vector<double> y = normal_values(kMany, 31);
  const std::vector<Leak> leaks =
      scan({numbers("x", y), numbers("z", normal_values(kMany, 32))}, regression_labels(y));
  ASSERT_EQ(leaks.size(), 1U);
  EXPECT_TRUE(says(leaks[0].message, "20,000 rows looked at"));
}

TEST(Leakage, of_a_handful_of_rows_is_not_claimed) {
  const Labels labels = class_labels({0, 1, 0, 1, 1});
  EXPECT_TRUE(scan({numbers("x", {1, 2, 1, 2, 2})}, labels).empty());
  EXPECT_TRUE(scan({numbers("x", {})}, class_labels({})).empty());
}

}  // namespace
}  // namespace astrolabe
