// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/ranking_setup.h"

#include <functional>
#include <limits>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/workflow/run_options_json.h"
#include "astrolabe/workflow/sealing.h"

namespace astrolabe {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Column numbers(std::string name, std::vector<double> values) {
  Column column;
  column.name = std::move(name);
  column.type = ColumnType::whole_number;
  column.numbers = std::move(values);
  return column;
}

RunOptions options_for_ranking() {
  RunOptions options;
  options.data = "t.csv";
  options.target = "relevance";
  options.group = "query";
  options.split = {.kind = SplitKind::group, .column = "query"};
  return options;
}

Table small_table() {
  return Table({numbers("relevance", {2, 0, 1, 0}), numbers("query", {7, 7, 9, 9}),
                numbers("x", {1, 2, 3, 4}), numbers("day", {1, 1, 2, 2})});
}

std::string complaint(const std::function<void()>& action, ErrorKind kind) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

std::string complaint_of(const std::vector<double>& relevance, const std::vector<double>& query) {
  const Table table({numbers("relevance", relevance), numbers("query", query), numbers("x", query)});
  return complaint([&] { static_cast<void>(set_up_task(table, options_for_ranking())); },
                   ErrorKind::bad_input);
}

std::string complaint_of(const RunOptions& options, ErrorKind kind) {
  return complaint([&] { static_cast<void>(set_up_task(small_table(), options)); }, kind);
}

TEST(RankingSetup, a_group_column_makes_few_whole_numbers_a_ranking) {
  const TaskSetup setup = set_up_task(small_table(), options_for_ranking());
  EXPECT_TRUE(setup.task.is_ranking());
  EXPECT_EQ(setup.task.kind_name(), "ranking");
  EXPECT_EQ(setup.task.metric, "ndcg@10");
  EXPECT_TRUE(setup.task.classes.empty());
  EXPECT_EQ(setup.reason, "relevance within each query: ranking of 2 groups");
}

TEST(RankingSetup, labels_number_their_groups_and_features_have_no_group) {
  const TaskSetup setup = set_up_task(small_table(), options_for_ranking());
  const OpenData data = separate(setup.table, setup.task, options_for_ranking().split, "t.csv");
  EXPECT_EQ(data.labels.groups, (std::vector<std::uint32_t>{0, 0, 1, 1}));
  EXPECT_EQ(data.features.names(), (std::vector<std::string>{"x", "day"}));
  EXPECT_EQ(data.split_column.names(), (std::vector<std::string>{"query"}));
}

TEST(RankingSetup, seals_whole_groups) {
  std::vector<double> relevance, query;
  for (int row = 0; row < 2000; ++row) {
    relevance.push_back(row % 3);
    query.push_back(row % 100);  // rows of a group stand far apart
  }
  ThreadPool pool(1);
  TaskSetup setup =
      set_up_task(Table({numbers("relevance", relevance), numbers("query", query)}), options_for_ranking());
  const Sealing sealing = seal_rows(setup, options_for_ranking(), Key::from_seed(1), pool);
  ASSERT_TRUE(sealing.score.has_value());
  EXPECT_EQ(sealing.score->rows(), 400U);
  const std::vector<double>& open = sealing.open_rows.require("query", "group").numbers;
  EXPECT_EQ(std::set<double>(open.begin(), open.end()).size(), 80U);
}

TEST(RankingSetup, a_given_split_leaves_open_rows_to_be_parted_by_group) {
  RunOptions options = options_for_ranking();
  options.split = {.kind = SplitKind::given, .column = "day"};
  const TaskSetup setup = set_up_task(small_table(), options);
  const SplitRule open = rule_of_open_rows(options.split, setup.task);
  EXPECT_EQ(open.kind, SplitKind::group);
  EXPECT_EQ(open.column, "query");
  EXPECT_EQ(rule_of_open_rows(options.split, Task{}).kind, SplitKind::random);
}

TEST(RankingSetup, options_are_remembered) {
  EXPECT_EQ(parse_run_options(run_options_json(options_for_ranking())).group, "query");
}

TEST(RankingErrors, name_the_row_whose_target_is_no_relevance) {
  EXPECT_NE(complaint_of({1, -1}, {1, 2}).find("-1 in data row 2"), std::string::npos);
  EXPECT_NE(complaint_of({0.5, 1}, {1, 2}).find("0.5 in data row 1"), std::string::npos);
  EXPECT_NE(complaint_of({31, 1}, {1, 2}).find("from 0 to 30"), std::string::npos);
}

TEST(RankingErrors, name_the_row_without_a_group) {
  EXPECT_NE(complaint_of({1, 0, 1}, {1, 2, kMissing}).find("none in data row 3 of column query"),
            std::string::npos);
}

TEST(RankingErrors, one_group_only_is_refused) {
  EXPECT_NE(complaint_of({1, 0, 1}, {5, 5, 5}).find("all rows have the same query"), std::string::npos);
}

TEST(RankingErrors, an_unknown_group_column_offers_the_nearest_name) {
  RunOptions options = options_for_ranking();
  options.group = "qeury";
  options.split.column = "qeury";
  EXPECT_NE(complaint_of(options, ErrorKind::bad_input).find("Did you mean \"query\"?"), std::string::npos);
}

TEST(RankingErrors, classes_contradict_groups) {
  RunOptions options = options_for_ranking();
  options.task = TaskKind::binary;
  EXPECT_NE(complaint_of(options, ErrorKind::usage).find("--task binary"), std::string::npos);
  options.task.reset();
  options.positive = "1";
  EXPECT_NE(complaint_of(options, ErrorKind::usage).find("--positive 1"), std::string::npos);
  options.positive.reset();
  options.group = "relevance";
  EXPECT_NE(complaint_of(options, ErrorKind::usage).find("the column of the target"), std::string::npos);
}

TEST(RankingErrors, metrics_belong_to_rankings_or_to_other_tasks) {
  RunOptions options = options_for_ranking();
  options.metric = "rmse";
  EXPECT_NE(
      complaint_of(options, ErrorKind::usage).find("a metric for a ranking task: ndcg@10, ndcg@5, ndcg"),
      std::string::npos);
  options.metric = "ndcg";
  options.group.reset();
  EXPECT_NE(complaint_of(options, ErrorKind::usage).find("--group COLUMN"), std::string::npos);
}

TEST(RankingErrors, a_split_that_cuts_through_groups_is_refused) {
  RunOptions options = options_for_ranking();
  options.split = {.kind = SplitKind::time, .column = "day"};
  EXPECT_TRUE(set_up_task(small_table(), options).task.is_ranking());
  options.split.column = "x";
  EXPECT_NE(complaint_of(options, ErrorKind::bad_input)
                .find("'1' in data row 1 and '2' in data row 2, of one group"),
            std::string::npos);
}

}  // namespace
}  // namespace astrolabe
