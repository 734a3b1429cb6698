// SPDX-License-Identifier: Apache-2.0
// What is drawn of the score that counts, and of what ships.
#include "astrolabe/workflow/score_figures.h"

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "astrolabe/pipeline/catalog.h"
#include "astrolabe/workflow/describe_choice.h"

namespace astrolabe::testing {
namespace {

const Task kBinary{.kind = TaskKind::binary, .target = "y", .classes = {"no", "yes"}, .metric = "auc"};
const Task kRegression{.kind = TaskKind::regression, .target = "y", .classes = {}, .metric = "rmse"};

TEST(JudgedPredictions, of_parts_are_joined_where_only_some_were_calibrated) {
  JudgedPredictions all;
  all.append({.values = {0.2, 0.3}});
  EXPECT_TRUE(all.uncalibrated.empty());
  all.append({.values = {0.8}, .uncalibrated = {0.7}});
  all.append({.values = {0.9}});
  EXPECT_EQ(all.values, (std::vector<double>{0.2, 0.3, 0.8, 0.9}));
  EXPECT_EQ(all.uncalibrated, (std::vector<double>{0.2, 0.3, 0.7, 0.9}));
}

TEST(JudgedPredictions, keep_their_ranges_only_where_all_parts_have_some) {
  JudgedPredictions all;
  all.append({.values = {1}, .low = {0}, .high = {2}, .coverage = 0.9});
  EXPECT_EQ(all.high, (std::vector<double>{2}));
  EXPECT_EQ(all.coverage, 0.9);
  all.append({.values = {3}});
  all.append({.values = {5}, .low = {4}, .high = {6}, .coverage = 0.9});
  EXPECT_TRUE(all.low.empty());
  EXPECT_TRUE(all.high.empty());
}

TEST(ScoreFigures, show_the_same_rows_before_calibration) {
  JudgedRows judged;
  JudgedPredictions predicted;
  for (std::size_t row = 0; row < 400; ++row) {
    const bool is_sure = row % 2 == 0;
    // What happens: 80 % of the sure ones, 20 % of the others. Said before: 95 % and 5 %.
    judged.truth.push_back((row / 2 % 5 == 0) == is_sure ? 0 : 1);
    judged.prediction.push_back(is_sure ? 0.8 : 0.2);
    predicted.uncalibrated.push_back(is_sure ? 0.95 : 0.05);
  }
  predicted.values = judged.prediction;
  const HonestScore score = score_honestly(kBinary, judged, "sealed", Key::from_seed(1), predicted);
  ASSERT_TRUE(score.reliability);
  EXPECT_NEAR(calibration_error(score.reliability->bins), 0, 1e-12);
  EXPECT_NEAR(calibration_error(score.reliability->before), 0.15, 1e-12);
  EXPECT_LT(score.reliability->brier, score.reliability->brier_before);
  EXPECT_EQ(score.reliability->histogram[16], 200) << "between 0.80 and 0.85";
}

TEST(ScoreFigures, count_the_truths_within_their_ranges_by_prediction) {
  JudgedRows judged;
  JudgedPredictions predicted;
  for (std::size_t row = 0; row < 200; ++row) {
    const auto value = static_cast<double>(row);
    judged.prediction.push_back(value);
    judged.truth.push_back(value + (row < 40 ? 2 : 0.5));  // the lowest fifth is out of its ranges
    predicted.low.push_back(value - 1);
    predicted.high.push_back(value + 1);
  }
  predicted.values = judged.prediction;
  predicted.coverage = 0.9;
  const HonestScore score = score_honestly(kRegression, judged, "sealed", Key::from_seed(1), predicted);
  ASSERT_TRUE(score.coverage);
  EXPECT_DOUBLE_EQ(score.coverage->all.share.value, 0.8);
  ASSERT_EQ(score.coverage->slices.size(), 5U);
  EXPECT_DOUBLE_EQ(score.coverage->slices[0].share.value, 0);
  EXPECT_DOUBLE_EQ(score.coverage->slices[1].share.value, 1);
  EXPECT_EQ(score.coverage->slices[1].low, 40);
  EXPECT_EQ(score.coverage->slices[1].high, 79);
  const std::vector<std::pair<double, double>> wanted = {{0.25, 0.5}, {0.5, 0.5}, {0.75, 0.5}, {0.9, 2},
                                                         {0.95, 2},   {0.99, 2},  {1, 2}};
  EXPECT_EQ(score.error_quantiles, wanted);
}

TEST(ScoreFigures, of_thirty_rows_have_one_coverage_and_no_slices) {
  JudgedRows judged{
      .truth = std::vector<double>(30, 1), .prediction = std::vector<double>(30, 1), .weight = {}};
  JudgedPredictions predicted{.values = judged.prediction,
                              .uncalibrated = {},
                              .low = std::vector<double>(30, 0),
                              .high = std::vector<double>(30, 2),
                              .coverage = 0.9};
  const HonestScore score = score_honestly(kRegression, judged, "resampled", Key::from_seed(1), predicted);
  ASSERT_TRUE(score.coverage);
  EXPECT_TRUE(score.coverage->slices.empty());
  predicted.low.clear();
  predicted.high.clear();
  EXPECT_FALSE(score_honestly(kRegression, judged, "resampled", Key::from_seed(1), predicted).coverage);
}

// A line with noise, fitted by trees and by nets.
class Choice : public ::testing::Test {
 protected:
  Choice() {
    RandomStream random(Key::from_seed(4));
    Column x;
    x.name = "x";
    for (std::size_t row = 0; row < 240; ++row) {
      x.numbers.push_back(random.normal());
      labels_.values.push_back(std::sin(2 * x.numbers.back()) + 0.3 * random.normal());
    }
    table_ = Table({x});
    std::vector<RowIndex> rows(240);
    std::iota(rows.begin(), rows.end(), RowIndex{0});
    folds_ = make_folds(table_, rows, {}, {}, 3, Key::from_seed(9));
    for (const char* name : {"baseline", "trees", "mlp"}) selection_.tried.push_back(tried(name));
    selection_.chosen = {2, 1};
    selection_.weights = {0.25, 0.75};
    selection_.system = "mean of mlp and trees";
    selection_.rows = selection_.tried[1].rows;
    selection_.out_of_fold = selection_.tried[1].out_of_fold;
    board_ = make_leaderboard(selection_, labels_, kRegression, 3, Key::from_seed(1));
  }

  CrossValidation tried(const char* name) {
    const Budget budget;
    return cross_validate({.learner = find_learner(name), .settings = {}, .name = name},
                          {.table = table_,
                           .labels = labels_,
                           .task = kRegression,
                           .folds = folds_,
                           .key = Key::from_seed(1),
                           .pool = pool_,
                           .budget = budget});
  }

  Table table_;
  Labels labels_;
  std::vector<Fold> folds_;
  ThreadPool pool_{1};
  Selection selection_;
  std::vector<LeaderboardRow> board_;
};

TEST_F(Choice, is_described_by_weights_scores_and_how_alike_its_members_err) {
  const Ensemble ensemble = describe_ensemble(selection_, labels_, board_);
  ASSERT_EQ(ensemble.members.size(), 2U);
  EXPECT_EQ(ensemble.members[0].system, "trees") << "the heaviest first";
  EXPECT_EQ(ensemble.members[0].weight, 0.75);
  EXPECT_EQ(ensemble.members[0].fold_scores.size(), 3U);
  EXPECT_EQ(ensemble.rows, 240U);
  ASSERT_EQ(ensemble.correlation.size(), 4U);
  EXPECT_NEAR(ensemble.correlation[0], 1, 1e-12);
  EXPECT_EQ(ensemble.correlation[1], ensemble.correlation[2]);
  EXPECT_GT(ensemble.correlation[1], 0.3) << "the noise is in the errors of both";
  EXPECT_LT(ensemble.correlation[1], 1);
}

TEST_F(Choice, has_the_curves_of_fits_that_watched_rows) {
  const std::vector<FitCurves> fits = describe_fits(selection_, board_);
  ASSERT_EQ(fits.size(), 2U) << "a baseline has no curve";
  for (const FitCurves& curves : fits) {
    EXPECT_EQ(curves.folds.size(), 3U) << curves.system;
    for (const FitCurve& fold : curves.folds) {
      EXPECT_EQ(fold.unit, curves.system == "trees" ? "round" : "epoch");
      EXPECT_GT(fold.best_step, 0U);
      EXPECT_EQ(fold.steps.front().step, 1U);
      double best = INFINITY;
      for (std::size_t i = 0; i < fold.steps.size(); ++i) {
        EXPECT_TRUE(i == 0 || fold.steps[i].step > fold.steps[i - 1].step);
        EXPECT_TRUE(std::isfinite(fold.steps[i].watched));
        if (std::isfinite(fold.steps[i].training)) best = std::min(best, fold.steps[i].training);
      }
      EXPECT_LT(best, fold.steps.front().training) << "training lowers its loss";
    }
  }
}

TEST(FitCurve, tells_all_early_steps_and_ever_fewer_later_ones) {
  std::size_t told = 0;
  for (std::uint64_t step = 1; step <= 2000; ++step) told += FitCurve::is_told(step) ? 1 : 0;
  EXPECT_TRUE(FitCurve::is_told(31));
  EXPECT_FALSE(FitCurve::is_told(33));
  EXPECT_TRUE(FitCurve::is_told(1024));
  EXPECT_EQ(told, 32U + 5 * 16 + 15);
}

}  // namespace
}  // namespace astrolabe::testing
