// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evaluate/cross_validation.h"

#include <csignal>

#include "tests/evaluate/fake_learners.h"
#include "tests/evaluate/made_data.h"
#include <gtest/gtest.h>

namespace astrolabe {
namespace {

class CrossValidate : public testing::Test {
 protected:
  void TearDown() override { clear_cancel(); }

  CrossValidation run(const Learner& learner, std::size_t folds = 4) {
    folds_ = make_folds(table_, all_rows(table_.rows()), rule_, {}, folds, Key::from_seed(2));
    return cross_validate({.learner = &learner, .settings = {}, .name = "it"}, request());
  }
  CrossValidationRequest request() {
    return {.table = table_,
            .labels = labels_,
            .task = task_,
            .folds = folds_,
            .key = Key::from_seed(3),
            .pool = pool_,
            .budget = budget_,
            .progress = progress_,
            .tell = tell_};
  }

  Table table_{{numbers("x", normal_values(100, 1))}};
  Labels labels_ = regression_labels(normal_values(100, 5));
  Task task_ = regression_task();
  SplitRule rule_;
  std::vector<Fold> folds_;
  ThreadPool pool_{1};
  Budget budget_;
  std::function<void(std::size_t, double)> progress_;
  std::function<void(std::size_t, std::string_view)> tell_;
};

TEST_F(CrossValidate, judges_every_row_by_a_model_that_has_not_seen_it) {
  const CrossValidation validation = run(MeanLearner());
  EXPECT_TRUE(validation.complete);
  EXPECT_EQ(validation.rows, all_rows(100));
  ASSERT_EQ(validation.out_of_fold.size(), 100U);
  for (const Fold& fold : folds_) {
    double mean = 0;
    for (const RowIndex row : fold.train) mean += labels_.values[row] / 75;
    for (const RowIndex row : fold.valid) EXPECT_NEAR(validation.out_of_fold[row], mean, 1e-12);
  }
}

class SideBySide : public MeanLearner {
 public:
  [[nodiscard]] bool prefers_one_thread() const override { return true; }
  [[nodiscard]] std::unique_ptr<const Model> fit(const FitRequest& request) const override {
    if (request.progress) {
      request.progress(0.5);
      request.progress(1);
    }
    return MeanLearner().fit(request);  // its own: the fake remembers what it saw
  }
};

TEST_F(CrossValidate, fits_folds_side_by_side_as_one_after_the_other) {
  const CrossValidation expected = run(MeanLearner(), 5);
  for (const std::size_t threads : {1U, 2U, 7U}) {
    ThreadPool pool(threads);
    std::vector<double> told;
    CrossValidationRequest side_by_side = request();
    const CrossValidationRequest with_pool{.table = side_by_side.table,
                                           .labels = side_by_side.labels,
                                           .task = side_by_side.task,
                                           .folds = side_by_side.folds,
                                           .key = side_by_side.key,
                                           .pool = pool,
                                           .budget = side_by_side.budget,
                                           .progress = [&](std::size_t fold, double fraction) {
                                             told.push_back(static_cast<double>(fold) + fraction);
                                           }};
    const SideBySide learner;
    const CrossValidation validation =
        cross_validate({.learner = &learner, .settings = {}, .name = "it"}, with_pool);
    EXPECT_TRUE(validation.complete);
    EXPECT_EQ(validation.out_of_fold, expected.out_of_fold);
    EXPECT_EQ(validation.fold_scores, expected.fold_scores);
    EXPECT_TRUE(std::ranges::is_sorted(told)) << "progress only grows";
    ASSERT_FALSE(told.empty());
    EXPECT_EQ(told.back(), 5.0);
  }
}

TEST_F(CrossValidate, scores_each_fold_by_the_task_metric) {
  const CrossValidation validation = run(MeanLearner());
  ASSERT_EQ(validation.fold_scores.size(), 4U);
  double squares = 0;
  for (const RowIndex row : folds_[2].valid) {
    squares += std::pow(labels_.values[row] - validation.out_of_fold[row], 2);
  }
  EXPECT_NEAR(validation.fold_scores[2], std::sqrt(squares / 25), 1e-12);
}

TEST_F(CrossValidate, keeps_all_outputs_of_several_classes_together) {
  std::vector<double> classes(100);
  for (std::size_t i = 0; i < 100; ++i) classes[i] = static_cast<double>(i % 3);
  labels_ = class_labels(classes, 3);
  task_ = class_task(3);
  const CrossValidation validation = run(MeanLearner());
  ASSERT_EQ(validation.out_of_fold.size(), 300U);
  for (std::size_t row = 0; row < 100; ++row) {
    const double* p = validation.out_of_fold.data() + 3 * row;
    EXPECT_NEAR(p[0] + p[1] + p[2], 1, 1e-12);
  }
}

TEST_F(CrossValidate, lets_a_learner_watch_a_part_of_the_training_rows_and_then_fit_on_all_of_them) {
  MeanLearner learner;
  learner.watches = true;
  const CrossValidation validation = run(learner);
  ASSERT_EQ(learner.seen.size(), 8U);
  for (std::size_t i = 0; i < 8; i += 2) {
    EXPECT_EQ(learner.seen[i].train_rows, 64U);
    EXPECT_EQ(learner.seen[i].watch_rows, 11U);
    EXPECT_TRUE(learner.seen[i].settings.empty());
    EXPECT_EQ(learner.seen[i + 1].train_rows, 75U);
    EXPECT_EQ(learner.seen[i + 1].watch_rows, 0U);
    EXPECT_EQ(learner.seen[i + 1].settings.at("rounds"), SettingValue(static_cast<std::int64_t>(i)));
  }
  double mean = 0;
  for (const RowIndex row : folds_[1].train) mean += labels_.values[row] / 75;
  EXPECT_NEAR(validation.out_of_fold[folds_[1].valid[0]], mean, 1e-12);
}

TEST_F(CrossValidate, begins_each_fold_with_its_start_and_fits_it_once_on_all_its_training_rows) {
  MeanLearner learner;
  learner.watches = true;
  const CrossValidation parent = run(learner);
  learner.seen.clear();
  std::vector<FoldStart> starts;
  for (std::int64_t fold = 0; fold < 4; ++fold)
    starts.push_back(
        {.model = parent.fitted[static_cast<std::size_t>(fold)].model, .settings = {{"rate", fold}}});
  CrossValidationRequest request = this->request();
  request.starts = starts;
  const Candidate child{.learner = &learner, .settings = {{"rate", std::int64_t{9}}}, .name = "child"};
  const CrossValidation validation = cross_validate(child, request);
  EXPECT_TRUE(validation.complete);
  ASSERT_EQ(learner.seen.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(learner.seen[i].train_rows, 75U);
    EXPECT_EQ(learner.seen[i].watch_rows, 0U);
    EXPECT_EQ(learner.seen[i].start, parent.fitted[i].model.get());
    EXPECT_EQ(learner.seen[i].settings.at("rate"), SettingValue(static_cast<std::int64_t>(i)));
    EXPECT_EQ(validation.found[i].at("rate"), SettingValue(static_cast<std::int64_t>(i)));
    EXPECT_TRUE(validation.found[i].contains("rounds")) << "what the model found";
  }
}

TEST_F(CrossValidate, keeps_the_watched_fit_when_it_was_cut_short) {
  MeanLearner learner;
  learner.watches = true;
  learner.cut_short = true;
  (void)run(learner);
  EXPECT_EQ(learner.seen.size(), 4U);
}

TEST_F(CrossValidate, does_not_repeat_a_fit_that_diverged) {
  MeanLearner learner;
  learner.watches = true;
  learner.diverged = true;
  EXPECT_TRUE(run(learner).complete);
  EXPECT_EQ(learner.seen.size(), 4U);
}

TEST_F(CrossValidate, keeps_the_watched_fit_when_the_second_is_cancelled) {
  MeanLearner learner;
  learner.watches = true;
  learner.cancelled_from = 3;
  const CrossValidation validation = run(learner);
  EXPECT_EQ(validation.fitted.size(), 2U);
  double mean = 0;
  for (const RowIndex row : folds_[1].train) {
    if (!std::ranges::binary_search(folds_[1].watch, row)) mean += labels_.values[row] / 64;
  }
  const auto at = std::ranges::find(validation.rows, folds_[1].valid[0]) - validation.rows.begin();
  EXPECT_NEAR(validation.out_of_fold[static_cast<std::size_t>(at)], mean, 1e-12);
}

TEST_F(CrossValidate, gives_other_learners_all_training_rows) {
  const MeanLearner learner;
  (void)run(learner);
  for (const SeenFit& seen : learner.seen) {
    EXPECT_EQ(seen.train_rows, 75U);
    EXPECT_EQ(seen.watch_rows, 0U);
  }
}

TEST_F(CrossValidate, gives_each_fold_a_key_of_its_own) {
  const MeanLearner learner;
  (void)run(learner);
  EXPECT_NE(learner.seen[0].key, learner.seen[1].key);
  (void)run(learner);
  EXPECT_EQ(learner.seen[0].key, learner.seen[4].key);
}

TEST_F(CrossValidate, under_time_judges_the_later_blocks_only) {
  std::vector<double> days(100);
  std::iota(days.begin(), days.end(), 0);
  table_ = Table({numbers("day", days)});
  rule_ = {SplitKind::time, "day"};
  const CrossValidation validation = run(MeanLearner());
  EXPECT_TRUE(validation.complete);
  EXPECT_EQ(validation.rows.size(), 80U);
  EXPECT_EQ(validation.rows.front(), 20U);
}

TEST_F(CrossValidate, says_how_far_each_fold_is) {
  std::vector<std::size_t> told;
  progress_ = [&](std::size_t fold, double) { told.push_back(fold); };
  (void)run(MeanLearner());
  EXPECT_EQ(told, (std::vector<std::size_t>{0, 1, 2, 3}));
}

TEST_F(CrossValidate, passes_on_what_the_learner_tells_and_forgets_it_where_a_fit_begins) {
  std::vector<std::pair<std::size_t, std::string>> told;
  tell_ = [&](std::size_t fold, std::string_view words) { told.emplace_back(fold, words); };
  MeanLearner learner;
  learner.watches = true;  // two fits a fold
  (void)run(learner, 2);
  using Told = std::pair<std::size_t, std::string>;
  EXPECT_EQ(told, (std::vector<Told>{{0, ""},
                                     {0, "loss 0.5"},
                                     {0, ""},
                                     {0, "loss 0.5"},
                                     {1, ""},
                                     {1, "loss 0.5"},
                                     {1, ""},
                                     {1, "loss 0.5"}}));
}

TEST_F(CrossValidate, ends_with_the_folds_it_has_when_one_is_cancelled) {
  MeanLearner learner;
  learner.cancelled_from = 2;
  const CrossValidation validation = run(learner);
  EXPECT_FALSE(validation.complete);
  EXPECT_EQ(validation.fold_scores.size(), 2U);
  EXPECT_EQ(validation.fitted.size(), 2U);
  EXPECT_EQ(validation.rows.size(), 50U);
  EXPECT_TRUE(std::ranges::is_sorted(validation.rows));
}

TEST_F(CrossValidate, fits_nothing_after_a_signal) {
  request_cancel(SIGINT);
  const MeanLearner learner;
  const CrossValidation validation = run(learner);
  EXPECT_FALSE(validation.complete);
  EXPECT_TRUE(validation.rows.empty());
  EXPECT_TRUE(learner.seen.empty());
}

TEST_F(CrossValidate, is_not_complete_when_a_model_was_cut_short) {
  MeanLearner learner;
  learner.cut_short = true;
  const CrossValidation validation = run(learner);
  EXPECT_FALSE(validation.complete);
  EXPECT_EQ(validation.fold_scores.size(), 4U);
}

TEST_F(CrossValidate, passes_other_errors_on) {
  MeanLearner learner;
  learner.fails_from = 1;
  EXPECT_FALSE(message_of(ErrorKind::bad_input, [&] { (void)run(learner); }).empty());
}

TEST_F(CrossValidate, has_no_score_for_a_fold_of_one_class) {
  labels_ = class_labels(std::vector<double>(100, 0));
  labels_.values[0] = 1;
  task_ = class_task();
  const CrossValidation validation = run(MeanLearner());
  EXPECT_EQ(std::ranges::count_if(validation.fold_scores, [](double s) { return std::isnan(s); }), 3);
}

TEST_F(CrossValidate, finds_a_difference_that_is_there) {
  std::vector<double> x = normal_values(400, 1);
  std::vector<double> y(400);
  for (std::size_t i = 0; i < 400; ++i) y[i] = x[i] + normal_values(400, 2)[i] > 0 ? 1 : 0;
  table_ = Table({numbers("x", x)});
  labels_ = class_labels(y);
  task_ = class_task();
  for (const double score : run(PrototypeLearner()).fold_scores) EXPECT_GT(score, 0.75);
  for (const double score : run(MeanLearner()).fold_scores) EXPECT_NEAR(score, 0.5, 1e-12);
}

TEST_F(CrossValidate, gives_the_same_on_any_number_of_threads) {
  labels_ = class_labels(random_classes(100, 1));
  task_ = class_task();
  const CrossValidation one = run(PrototypeLearner());
  ThreadPool four(4);
  const PrototypeLearner learner;
  const CrossValidation many =
      cross_validate({.learner = &learner, .settings = {}, .name = "it"}, {.table = table_,
                                                                           .labels = labels_,
                                                                           .task = task_,
                                                                           .folds = folds_,
                                                                           .key = Key::from_seed(3),
                                                                           .pool = four,
                                                                           .budget = budget_});
  EXPECT_EQ(one.out_of_fold, many.out_of_fold);
  EXPECT_EQ(one.fold_scores, many.fold_scores);
}

CrossValidation with_found(std::vector<SettingValues> found) {
  CrossValidation validation;
  validation.candidate.settings = {{"depth", std::int64_t{6}}, {"rounds", std::int64_t{1000}}};
  validation.found = std::move(found);
  return validation;
}

TEST(SettingsForRefit, average_numbers_and_round_whole_ones) {
  const SettingValues settings =
      settings_for_refit(with_found({{{"rounds", std::int64_t{100}}, {"penalty", 0.5}},
                                     {{"rounds", std::int64_t{103}}, {"penalty", 0.25}}}));
  EXPECT_EQ(settings.at("rounds"), SettingValue(std::int64_t{102}));
  EXPECT_EQ(settings.at("penalty"), SettingValue(0.375));
  EXPECT_EQ(settings.at("depth"), SettingValue(std::int64_t{6}));
}

TEST(SettingsForRefit, take_the_most_frequent_text_and_the_first_among_equals) {
  const auto text = [](const char* value) { return SettingValues{{"grow", std::string(value)}}; };
  EXPECT_EQ(settings_for_refit(with_found({text("b"), text("a"), text("b")})).at("grow"),
            SettingValue(std::string("b")));
  EXPECT_EQ(settings_for_refit(with_found({text("b"), text("a")})).at("grow"),
            SettingValue(std::string("a")));
  EXPECT_EQ(settings_for_refit(with_found({{{"on", true}}, {{"on", true}}, {{"on", false}}})).at("on"),
            SettingValue(true));
}

TEST(SettingsForRefit, are_the_candidates_own_when_nothing_was_found) {
  EXPECT_EQ(settings_for_refit(with_found({})), with_found({}).candidate.settings);
}

}  // namespace
}  // namespace astrolabe
