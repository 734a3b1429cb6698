// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evaluate/candidate.h"

#include "tests/evaluate/fake_learners.h"
#include "tests/evaluate/made_data.h"
#include <gtest/gtest.h>

namespace astrolabe {
namespace {

TEST(TakeLabels, keeps_the_task_and_follows_the_rows) {
  Labels labels = class_labels({0, 1, 2, 1}, 3);
  labels.weights = {1, 2, 3, 4};
  const std::vector<RowIndex> rows{3, 0};
  const Labels taken = take_labels(labels, rows);
  EXPECT_EQ(taken.kind, TaskKind::multiclass);
  EXPECT_EQ(taken.classes, 3U);
  EXPECT_EQ(taken.values, (std::vector<double>{1, 0}));
  EXPECT_EQ(taken.weights, (std::vector<double>{4, 1}));
  labels.weights.clear();
  EXPECT_TRUE(take_labels(labels, rows).weights.empty());
}

TEST(FitCandidate, trains_on_the_rows_it_was_given) {
  const Table table({numbers("x", {1, 2, 3, 4})});
  const Labels labels = regression_labels({10, 20, 30, 40});
  const MeanLearner learner;
  const std::vector<RowIndex> train{1, 2};
  ThreadPool pool(1);
  const Budget budget;
  const FittedCandidate fitted =
      fit_candidate({.learner = &learner, .settings = {}, .name = "mean"}, {.table = table,
                                                                            .labels = labels,
                                                                            .train = train,
                                                                            .key = Key::from_seed(1),
                                                                            .pool = pool,
                                                                            .budget = budget});
  EXPECT_EQ(fitted.predict(table, all_rows(4), pool), std::vector<double>(4, 25));
  EXPECT_EQ(learner.seen[0].train_rows, 2U);
  EXPECT_EQ(learner.seen[0].watch_rows, 0U);
}

TEST(FitCandidate, encodes_and_hands_over_the_watched_rows) {
  const Table table({numbers("x", {1, 2, 3, 4})});
  const Labels labels = regression_labels({10, 20, 30, 40});
  MeanLearner learner;
  learner.watches = true;
  const std::vector<RowIndex> train{1, 2};
  const std::vector<RowIndex> watch{0};
  ThreadPool pool(1);
  const Budget budget;
  (void)fit_candidate({.learner = &learner, .settings = {}, .name = "mean"}, {.table = table,
                                                                              .labels = labels,
                                                                              .train = train,
                                                                              .watch = watch,
                                                                              .key = Key::from_seed(1),
                                                                              .pool = pool,
                                                                              .budget = budget});
  EXPECT_EQ(learner.seen[0].watch_rows, 1U);
}

}  // namespace
}  // namespace astrolabe
