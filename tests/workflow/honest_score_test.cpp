// SPDX-License-Identifier: Apache-2.0
// What the score that counts is made of.
#include "astrolabe/workflow/honest_score.h"

#include <cmath>
#include <numeric>

#include "tests/workflow/fixed_learner.h"
#include <gtest/gtest.h>

#include "astrolabe/pipeline/catalog.h"

namespace astrolabe::testing {
namespace {

const Task kBinary{.kind = TaskKind::binary, .target = "y", .classes = {"no", "yes"}, .metric = "auc"};
const Task kRegression{.kind = TaskKind::regression, .target = "y", .classes = {}, .metric = "rmse"};

// Predictions that are right more often than not.
JudgedRows judged(TaskKind kind, std::size_t rows) {
  RandomStream random(Key::from_seed(5));
  JudgedRows made;
  made.outputs = kind == TaskKind::multiclass ? 3 : 1;
  for (std::size_t row = 0; row < rows; ++row) {
    const double u = random.uniform();
    if (kind == TaskKind::regression) {
      made.truth.push_back(4 * u + random.normal());
      made.prediction.push_back(4 * u);
    } else if (kind == TaskKind::binary) {
      made.truth.push_back(random.uniform() < u ? 1 : 0);
      made.prediction.push_back(u);
    } else {
      const auto truth = row % 3;
      made.truth.push_back(static_cast<double>(truth));
      for (std::size_t i = 0; i < 3; ++i) made.prediction.push_back(i == truth ? 0.5 : 0.25);
    }
  }
  return made;
}

std::vector<std::string> names_of_others(const HonestScore& score) {
  std::vector<std::string> names;
  for (const auto& [name, estimate] : score.others) names.push_back(name);
  return names;
}

TEST(HonestScore, of_a_binary_task_has_curves_and_a_confusion) {
  const HonestScore score =
      score_honestly(kBinary, judged(TaskKind::binary, 500), "sealed", Key::from_seed(1));
  EXPECT_EQ(score.label, "sealed");
  EXPECT_EQ(score.rows, 500U);
  EXPECT_GT(score.primary.value, 0.7);
  EXPECT_LT(score.primary.low, score.primary.value);
  EXPECT_GT(score.primary.high, score.primary.value);
  EXPECT_EQ(names_of_others(score),
            (std::vector<std::string>{"log_loss", "brier", "accuracy", "f1", "balanced_accuracy"}));
  ASSERT_GE(score.roc.size(), 3U);
  EXPECT_EQ(score.roc.front().true_positive_rate, 0);
  EXPECT_EQ(score.roc.back().true_positive_rate, 1);
  ASSERT_TRUE(score.reliability);
  EXPECT_EQ(score.reliability->bins.size(), 10U);
  EXPECT_TRUE(score.reliability->before.empty()) << "nothing was calibrated";
  EXPECT_EQ(score.classes.size(), 2U);
  EXPECT_EQ(score.thresholds.size(), 11U);
  EXPECT_GT(score.average_precision, 0.7);
  ASSERT_TRUE(score.confusion);
  EXPECT_EQ(std::accumulate(score.confusion->counts.begin(), score.confusion->counts.end(), 0.0), 500);
  EXPECT_TRUE(score.residuals.empty());
}

TEST(HonestScore, of_a_multiclass_task_has_a_confusion_only) {
  const Task task{
      .kind = TaskKind::multiclass, .target = "y", .classes = {"a", "b", "c"}, .metric = "log_loss"};
  const HonestScore score =
      score_honestly(task, judged(TaskKind::multiclass, 300), "sealed", Key::from_seed(1));
  EXPECT_NEAR(score.primary.value, std::log(2), 1e-12);
  ASSERT_TRUE(score.confusion);
  EXPECT_EQ(score.confusion->classes, 3U);
  EXPECT_EQ(score.confusion->counts[0], 100);
  EXPECT_TRUE(score.roc.empty());
  ASSERT_TRUE(score.reliability);
  EXPECT_NEAR(calibration_error(score.reliability->bins), 0.5, 1e-12)
      << "always right, said to be so by half";
  EXPECT_EQ(score.classes[2].rows, 100);
  EXPECT_TRUE(score.residuals.empty());
}

TEST(HonestScore, of_a_regression_has_residuals_of_at_most_a_thousand_rows) {
  const HonestScore few =
      score_honestly(kRegression, judged(TaskKind::regression, 300), "sealed", Key::from_seed(1));
  EXPECT_EQ(few.residuals.size(), 300U);
  EXPECT_FALSE(few.confusion);
  EXPECT_TRUE(few.roc.empty());
  EXPECT_EQ(names_of_others(few), (std::vector<std::string>{"mae", "r2", "pinball"}))
      << "deviances are undefined where a truth is negative";
  const JudgedRows rows = judged(TaskKind::regression, 1500);
  const HonestScore many = score_honestly(kRegression, rows, "sealed", Key::from_seed(1));
  EXPECT_EQ(many.residuals.size(), 1000U);
  EXPECT_EQ(many.rows, 1500U);
  const HonestScore again = score_honestly(kRegression, rows, "sealed", Key::from_seed(1));
  EXPECT_EQ(many.residuals, again.residuals);
  for (const auto& [prediction, residual] : few.residuals) EXPECT_LT(std::abs(residual), 6);
}

TEST(HonestScore, of_one_class_has_no_auc_and_no_curve) {
  JudgedRows rows = judged(TaskKind::binary, 50);
  for (double& truth : rows.truth) truth = 0;
  const HonestScore score = score_honestly(kBinary, rows, "sealed", Key::from_seed(1));
  EXPECT_TRUE(std::isnan(score.primary.value));
  EXPECT_TRUE(score.roc.empty());
  EXPECT_FALSE(score.others.empty());
}

TEST(FoldCount, is_what_is_wanted_where_rows_and_rule_allow_it) {
  std::vector<RowIndex> rows(40);
  std::iota(rows.begin(), rows.end(), RowIndex{0});
  Column group;
  group.name = "g";
  for (std::size_t row = 0; row < rows.size(); ++row) group.numbers.push_back(static_cast<double>(row % 3));
  const Table table({group});
  EXPECT_EQ(fold_count(table, rows, {}, 5), 5U);
  EXPECT_EQ(fold_count(table, std::span(rows).first(13), {}, 5), 3U);
  EXPECT_EQ(fold_count(table, std::span(rows).first(2), {}, 5), 2U);
  EXPECT_EQ(fold_count(table, std::span(rows).first(1), {}, 5), 1U);
  EXPECT_EQ(fold_count(table, rows, {SplitKind::group, "g"}, 5), 3U);
  EXPECT_EQ(fold_count(table, rows, {SplitKind::time, "g"}, 5), 2U);
}

// Small tables: the whole selection is repeated inside outer folds.
struct SmallTask {
  Table table;
  Labels labels;
  Task task;
  Table split_table;
  SplitRule rule;
};

SmallTask small_task(const Task& task, std::size_t rows, std::size_t groups) {
  SmallTask small;
  small.task = task;
  small.labels.kind = task.kind;
  small.labels.classes = task.classes.size();
  RandomStream random(Key::from_seed(3));
  Column x, group;
  x.name = "x";
  group.name = "g";
  for (std::size_t row = 0; row < rows; ++row) {
    const double value = random.normal();
    x.numbers.push_back(value);
    group.numbers.push_back(static_cast<double>(row % groups));
    small.labels.values.push_back(task.kind == TaskKind::binary ? (value + random.normal() > 0 ? 1 : 0)
                                                                : value + 0.1 * random.normal());
  }
  small.table = Table({x});
  small.split_table = Table({group});
  return small;
}

// The better of the baseline and a linear model.
Selection choose(const Task& task, const InnerSelection& inner, ThreadPool& pool) {
  std::vector<CrossValidation> tried;
  for (const char* name : {"baseline", "linear"})
    tried.push_back(cross_validate({.learner = find_learner(name), .settings = {}, .name = name},
                                   {.table = inner.table,
                                    .labels = inner.labels,
                                    .task = task,
                                    .folds = inner.folds,
                                    .key = inner.key,
                                    .pool = pool,
                                    .budget = inner.budget}));
  return select_system(std::move(tried), inner.labels, task);
}

std::optional<HonestScore> resample(const SmallTask& small) {
  std::vector<int> strata;
  if (small.task.kind != TaskKind::regression)
    strata.assign(small.labels.values.begin(), small.labels.values.end());
  ThreadPool pool(1);
  const Budget budget;
  const auto progress = silent_progress();
  return score_by_resampling(
      {.table = small.table,
       .labels = small.labels,
       .task = small.task,
       .split_table = small.split_table,
       .rule = small.rule,
       .strata = strata,
       .select = [&](const InnerSelection& inner) { return choose(small.task, inner, pool); },
       .key = Key::from_seed(1),
       .pool = pool,
       .budget = budget,
       .progress = *progress});
}

TEST(ResampledScore, judges_every_row_once) {
  const auto score = resample(small_task(kRegression, 60, 60));
  ASSERT_TRUE(score);
  EXPECT_EQ(score->label, "resampled");
  EXPECT_EQ(score->rows, 60U);
  EXPECT_EQ(score->primary.method, "corrected resampled t");
  EXPECT_LT(score->primary.value, 0.3);
}

TEST(ResampledScore, has_an_interval_within_the_range_of_its_metric) {
  for (const std::size_t rows : {4U, 6U, 9U, 14U, 30U}) {
    for (const Task& task : {kBinary, kRegression}) {
      const auto score = resample(small_task(task, rows, rows));
      ASSERT_TRUE(score);
      if (std::isnan(score->primary.low)) continue;
      EXPECT_GE(score->primary.low, 0) << rows;
      EXPECT_LE(score->primary.low, score->primary.value) << rows;
      EXPECT_GE(score->primary.high, score->primary.value) << rows;
      const double ceiling = task.kind == TaskKind::binary ? 1 : INFINITY;
      EXPECT_LE(score->primary.high, ceiling) << rows;
    }
  }
}

TEST(ResampledScore, does_not_exist_where_no_part_can_be_cut_again) {
  EXPECT_FALSE(resample(small_task(kRegression, 2, 2)));
  SmallTask of_two_groups = small_task(kRegression, 40, 2);
  of_two_groups.rule = {SplitKind::group, "g"};
  EXPECT_FALSE(resample(of_two_groups));
}

TEST(ResampledScore, makes_do_with_few_groups_and_moments) {
  for (const SplitKind kind : {SplitKind::group, SplitKind::time}) {
    SmallTask few = small_task(kRegression, 40, 4);
    few.rule = {kind, "g"};
    const auto score = resample(few);
    ASSERT_TRUE(score);
    EXPECT_GT(score->rows, 0U);
  }
}

}  // namespace
}  // namespace astrolabe::testing
