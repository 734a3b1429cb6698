// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evaluate/permutation_importance.h"

#include <csignal>

#include "tests/evaluate/made_data.h"
#include <gtest/gtest.h>

namespace astrolabe {
namespace {

constexpr std::size_t kRows = 300;

class Importance : public testing::Test {
 protected:
  void TearDown() override { clear_cancel(); }

  ImportanceRequest request() {
    return {.table = table_,
            .labels = labels_,
            .task = task_,
            .predict = [](const Table& table) { return table.require("signal", "feature").numbers; },
            .repeats = 5,
            .key = Key::from_seed(1),
            .budget = budget_};
  }

  Table table_{{numbers("noise", normal_values(kRows, 1)), numbers("signal", normal_values(kRows, 2)),
                categories("note", std::vector<std::string>(kRows, "same"))}};
  Labels labels_ = regression_labels(normal_values(kRows, 2));
  Task task_ = regression_task();
  Budget budget_;
};

TEST_F(Importance, of_the_only_column_that_counts_is_the_whole_score) {
  const auto importances = permutation_importance(request());
  ASSERT_EQ(importances.size(), 3U);
  EXPECT_EQ(importances[0].column, "signal");
  // RMSE rises from 0 to that between two independent draws of variance 1.
  EXPECT_NEAR(importances[0].loss_of_score.value, std::sqrt(2.0), 0.15);
  EXPECT_LT(importances[0].loss_of_score.low, importances[0].loss_of_score.value);
  EXPECT_GT(importances[0].loss_of_score.low, 1);
  EXPECT_GT(importances[0].loss_of_score.high, importances[0].loss_of_score.value);
}

TEST_F(Importance, of_a_column_that_is_not_used_is_nothing_with_ties_by_name) {
  const auto importances = permutation_importance(request());
  EXPECT_EQ(importances[1].column, "noise");
  EXPECT_EQ(importances[2].column, "note");
  EXPECT_EQ(importances[1].loss_of_score.value, 0);
  EXPECT_EQ(importances[1].loss_of_score.high, 0);
}

TEST_F(Importance, is_positive_for_a_metric_where_higher_is_better_too) {
  labels_ = class_labels(random_classes(kRows, 3));
  task_ = class_task();
  table_ = Table({numbers("signal", labels_.values)});
  EXPECT_NEAR(permutation_importance(request())[0].loss_of_score.value, 0.5, 0.1);
}

TEST_F(Importance, depends_on_the_key_and_not_on_the_order_of_columns) {
  const double loss = permutation_importance(request())[0].loss_of_score.value;
  table_ = Table({table_.column(1), table_.column(2), table_.column(0)});
  EXPECT_EQ(permutation_importance(request())[0].loss_of_score.value, loss);
  ImportanceRequest other = request();
  other.key = Key::from_seed(2);
  EXPECT_NE(permutation_importance(other)[0].loss_of_score.value, loss);
}

TEST_F(Importance, of_one_shuffle_has_no_interval) {
  ImportanceRequest once = request();
  once.repeats = 1;
  const auto importances = permutation_importance(once);
  EXPECT_TRUE(std::isnan(importances[0].loss_of_score.low));
  EXPECT_GT(importances[0].loss_of_score.value, 1);
}

TEST_F(Importance, keeps_the_columns_that_were_done_when_the_budget_ends) {
  std::size_t calls = 0;
  ImportanceRequest ending = request();
  ending.predict = [&](const Table& table) {
    if (++calls == 1 + 5) request_cancel(SIGINT);
    return table.require("signal", "feature").numbers;
  };
  const auto importances = permutation_importance(ending);
  ASSERT_EQ(importances.size(), 1U);
  EXPECT_EQ(importances[0].column, "noise");
}

TEST_F(Importance, of_no_rows_is_empty) {
  table_ = Table({numbers("signal", {})});
  labels_ = regression_labels({});
  EXPECT_TRUE(permutation_importance(request()).empty());
}

}  // namespace
}  // namespace astrolabe
