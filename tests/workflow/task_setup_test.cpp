// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/task_setup.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/workflow/run_options.h"
#include "astrolabe/workflow/sealing.h"
#include "astrolabe/workflow/selection.h"

namespace astrolabe {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Column numbers(std::string name, std::vector<double> values, ColumnType type = ColumnType::whole_number) {
  Column column;
  column.name = std::move(name);
  column.type = type;
  column.numbers = std::move(values);
  return column;
}

Column levels(std::string name, std::vector<std::string> levels_sorted, std::vector<std::int32_t> codes) {
  Column column;
  column.name = std::move(name);
  column.type = ColumnType::category;
  column.levels = std::move(levels_sorted);
  column.codes = std::move(codes);
  return column;
}

RunOptions options_for(const std::string& target) {
  RunOptions options;
  options.data = "t.csv";
  options.target = target;
  return options;
}

std::string message_of(const std::function<void()>& action, ErrorKind kind) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

TEST(TaskSetup, text_targets_are_classes_and_the_rarer_is_positive) {
  const TaskSetup setup = set_up_task(Table({levels("y", {"a", "b"}, {0, 1, 0, 0})}), options_for("y"));
  EXPECT_EQ(setup.task.kind, TaskKind::binary);
  EXPECT_EQ(setup.task.classes, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(setup.task.metric, "auc");
  const TaskSetup other = set_up_task(Table({levels("y", {"a", "b"}, {0, 1, 1, 1})}), options_for("y"));
  EXPECT_EQ(other.task.classes, (std::vector<std::string>{"b", "a"}));
}

TEST(TaskSetup, numbers_with_a_fraction_are_regression) {
  const TaskSetup setup =
      set_up_task(Table({numbers("y", {1.5, 2, 3}, ColumnType::number)}), options_for("y"));
  EXPECT_EQ(setup.task.kind, TaskKind::regression);
  EXPECT_EQ(setup.task.metric, "rmse");
}

TEST(TaskSetup, up_to_twenty_whole_numbers_are_classes_in_numeric_order) {
  const TaskSetup setup = set_up_task(Table({numbers("y", {10, 2, 3, 10})}), options_for("y"));
  EXPECT_EQ(setup.task.kind, TaskKind::multiclass);
  EXPECT_EQ(setup.task.classes, (std::vector<std::string>{"2", "3", "10"}));
  std::vector<double> many;
  for (int i = 0; i < 42; ++i) many.push_back(i % 21);
  EXPECT_EQ(set_up_task(Table({numbers("y", many)}), options_for("y")).task.kind, TaskKind::regression);
}

TEST(TaskSetup, rows_without_a_target_are_dropped_and_counted) {
  const TaskSetup setup = set_up_task(Table({numbers("y", {1, kMissing, 2, 1, 2})}), options_for("y"));
  EXPECT_EQ(setup.table.rows(), 4U);
  EXPECT_EQ(setup.notes.front(), "1 of 5 rows have no usable target: dropped");
}

TEST(TaskSetup, a_class_of_few_rows_is_said) {
  const TaskSetup setup = set_up_task(Table({numbers("y", {1, 2, 1, 1, 1, 1})}), options_for("y"));
  ASSERT_EQ(setup.notes.size(), 1U);
  EXPECT_NE(setup.notes[0].find("1 of 2 classes has fewer than 5 rows ('2' has 1)"), std::string::npos);
}

TEST(TaskSetup, an_unknown_target_offers_the_nearest_name) {
  const auto action = [] {
    static_cast<void>(set_up_task(Table({numbers("price", {1, 2})}), options_for("prise")));
  };
  EXPECT_NE(message_of(action, ErrorKind::bad_input).find("price"), std::string::npos);
}

TEST(TaskSetup, one_class_is_bad_input) {
  const auto action = [] {
    static_cast<void>(set_up_task(Table({levels("y", {"a"}, {0, 0})}), options_for("y")));
  };
  EXPECT_NE(message_of(action, ErrorKind::bad_input).find("only 'a' in every row"), std::string::npos);
}

TEST(TaskSetup, a_constant_regression_target_is_bad_input) {
  RunOptions options = options_for("y");
  options.task = TaskKind::regression;
  const auto action = [&] { static_cast<void>(set_up_task(Table({numbers("y", {4, 4})}), options)); };
  EXPECT_NE(message_of(action, ErrorKind::bad_input).find("a target that varies"), std::string::npos);
}

TEST(TaskSetup, a_target_missing_in_every_row_is_bad_input) {
  const auto action = [] {
    static_cast<void>(set_up_task(Table({numbers("y", {kMissing, kMissing})}), options_for("y")));
  };
  EXPECT_NE(message_of(action, ErrorKind::bad_input).find("missing in all 2 rows"), std::string::npos);
}

TEST(TaskSetup, a_metric_of_another_task_is_a_usage_error_that_lists_the_fitting_ones) {
  RunOptions options = options_for("y");
  options.metric = "rmse";
  const auto action = [&] {
    static_cast<void>(set_up_task(Table({levels("y", {"a", "b"}, {0, 1})}), options));
  };
  EXPECT_NE(message_of(action, ErrorKind::usage).find("auc"), std::string::npos);
}

TEST(TaskSetup, a_metric_of_regression_makes_few_whole_numbers_a_regression) {
  RunOptions options = options_for("y");
  options.metric = "poisson_deviance";
  const TaskSetup setup = set_up_task(Table({numbers("y", {0, 1, 2, 0})}), options);
  EXPECT_EQ(setup.task.kind, TaskKind::regression);
  EXPECT_EQ(setup.reason, "y has numbers, and Poisson deviance is for regression");
}

TEST(TaskSetup, a_target_outside_the_domain_of_the_metric_is_bad_input) {
  RunOptions options = options_for("y");
  options.metric = "poisson_deviance";
  const auto action = [&] { static_cast<void>(set_up_task(Table({numbers("y", {0, -1, 2})}), options)); };
  EXPECT_NE(message_of(action, ErrorKind::bad_input).find("-1 in data row 2 of column y"), std::string::npos);
}

TEST(TaskSetup, positive_must_be_a_class) {
  RunOptions options = options_for("y");
  options.positive = "c";
  const auto action = [&] {
    static_cast<void>(set_up_task(Table({levels("y", {"a", "b"}, {0, 1})}), options));
  };
  EXPECT_NE(message_of(action, ErrorKind::usage).find("a or b"), std::string::npos);
}

TEST(LabelsOf, other_spellings_of_a_number_are_the_same_class) {
  const Task task{.kind = TaskKind::binary, .target = "y", .classes = {"0", "1"}, .metric = "auc"};
  const Labels labels = labels_of(Table({levels("y", {"0.0", "1.0"}, {1, 0})}), task, "t.csv");
  EXPECT_EQ(labels.values, (std::vector<double>{1, 0}));
}

TEST(LabelsOf, a_label_that_was_never_seen_is_named_with_its_row) {
  const Task task{.kind = TaskKind::binary, .target = "y", .classes = {"<=50K", ">50K"}, .metric = "auc"};
  const auto action = [&] {
    static_cast<void>(labels_of(Table({levels("y", {"<=50K", "<=50K."}, {0, 1})}), task, "adult.test"));
  };
  const std::string message = message_of(action, ErrorKind::bad_input);
  EXPECT_NE(message.find("'<=50K.' in data row 2"), std::string::npos) << message;
  EXPECT_NE(message.find("adult.test"), std::string::npos);
}

TEST(Sealing, seals_nothing_below_a_thousand_rows) {
  std::vector<double> y;
  for (int i = 0; i < 999; ++i) y.push_back(i % 2);
  TaskSetup setup = set_up_task(Table({numbers("y", y)}), options_for("y"));
  ThreadPool pool(1);
  const Sealing sealing = seal_rows(setup, options_for("y"), Key::from_seed(1), pool);
  EXPECT_FALSE(sealing.score.has_value());
  EXPECT_EQ(sealing.label, "resampled");
}

TEST(Sealing, seals_a_fifth_of_a_thousand_rows_with_the_same_class_shares) {
  std::vector<double> y;
  for (int i = 0; i < 1000; ++i) y.push_back(i % 10 == 0);
  TaskSetup setup = set_up_task(Table({numbers("y", y), numbers("x", y)}), options_for("y"));
  ThreadPool pool(1);
  const Sealing sealing = seal_rows(setup, options_for("y"), Key::from_seed(1), pool);
  ASSERT_TRUE(sealing.score.has_value());
  EXPECT_EQ(sealing.score->rows(), 200U);
  EXPECT_EQ(sealing.open_rows.rows(), 800U);
  const OpenData data = separate(sealing.open_rows, setup.task, {}, "t.csv");
  EXPECT_EQ(data.features.names(), std::vector<std::string>{"x"});
  double positives = 0;
  for (const double label : data.labels.values) positives += label;
  EXPECT_EQ(positives, 80);
}

TEST(ParseLearners, reads_names_with_settings) {
  const auto choices = parse_learners("trees(learning_rate=0.05, max_leaves=15),linear");
  ASSERT_EQ(choices.size(), 2U);
  EXPECT_EQ(std::get<double>(choices[0].settings.at("learning_rate")), 0.05);
  EXPECT_EQ(std::get<std::int64_t>(choices[0].settings.at("max_leaves")), 15);
  EXPECT_EQ(choices[1].name, "linear");
}

TEST(ParseLearners, offers_the_nearest_name) {
  const auto action = [] { static_cast<void>(parse_learners("treees")); };
  EXPECT_NE(message_of(action, ErrorKind::usage).find("Did you mean trees?"), std::string::npos);
}

TEST(ParseLearners, refuses_a_setting_without_a_value) {
  const auto action = [] { static_cast<void>(parse_learners("trees(max_leaves)")); };
  EXPECT_NE(message_of(action, ErrorKind::usage).find("name=value"), std::string::npos);
}

}  // namespace
}  // namespace astrolabe
