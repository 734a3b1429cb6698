// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/stats/class_scores.h"

#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "astrolabe/stats/curve.h"

namespace astrolabe {
namespace {

TEST(ClassScores, of_three_classes_are_those_of_their_confusion) {
  const std::vector<double> truth = {0, 0, 1, 1, 2};
  const std::vector<double> prediction = {0.8, 0.1, 0.1, 0.2, 0.7, 0.1, 0.1, 0.8,
                                          0.1, 0.3, 0.6, 0.1, 0.6, 0.2, 0.2};
  const auto scores = class_scores({.truth = truth, .prediction = prediction, .outputs = 3});
  ASSERT_EQ(scores.size(), 3U);
  EXPECT_EQ(scores[0].rows, 2);
  EXPECT_EQ(scores[0].predicted, 2);
  EXPECT_DOUBLE_EQ(scores[0].precision, 0.5);
  EXPECT_DOUBLE_EQ(scores[1].precision, 2.0 / 3);
  EXPECT_DOUBLE_EQ(scores[1].recall, 1);
  EXPECT_DOUBLE_EQ(scores[1].f1, 0.8);
  EXPECT_DOUBLE_EQ(scores[2].recall, 0);
  EXPECT_TRUE(std::isnan(scores[2].precision)) << "nothing was said to be of it";
  EXPECT_DOUBLE_EQ(scores[2].auc, 1) << "its probability is highest where it is the truth";
}

TEST(ClassScores, of_a_binary_task_are_those_of_both_classes) {
  const std::vector<double> truth = {0, 1, 1, 0}, prediction = {0.2, 0.9, 0.4, 0.3}, weight = {1, 1, 2, 1};
  const auto scores = class_scores({.truth = truth, .prediction = prediction, .weight = weight});
  ASSERT_EQ(scores.size(), 2U);
  EXPECT_DOUBLE_EQ(scores[1].recall, 1.0 / 3);
  EXPECT_DOUBLE_EQ(scores[0].precision, 0.5);
  EXPECT_DOUBLE_EQ(scores[0].auc, scores[1].auc);
}

TEST(ClassScores, without_sound_rows_are_undefined) {
  const std::vector<double> truth = {0, 1}, prediction = {0.2, std::nan("")};
  const auto scores = class_scores({.truth = truth, .prediction = prediction});
  EXPECT_EQ(scores[0].rows, 0);
  EXPECT_TRUE(std::isnan(scores[0].f1));
  EXPECT_TRUE(std::isnan(scores[0].auc));
  EXPECT_TRUE(threshold_scores({.truth = truth, .prediction = prediction}, std::array{0.5}).empty());
}

TEST(ThresholdScores, call_positive_what_reaches_the_threshold) {
  const std::vector<double> truth = {0, 0, 1, 1}, prediction = {0.1, 0.5, 0.5, 0.9};
  const auto scores =
      threshold_scores({.truth = truth, .prediction = prediction}, std::array{0.0, 0.5, 0.95});
  ASSERT_EQ(scores.size(), 3U);
  EXPECT_DOUBLE_EQ(scores[0].flagged, 1);
  EXPECT_DOUBLE_EQ(scores[0].precision, 0.5);
  EXPECT_DOUBLE_EQ(scores[1].precision, 2.0 / 3);
  EXPECT_DOUBLE_EQ(scores[1].false_positive_rate, 0.5);
  EXPECT_DOUBLE_EQ(scores[1].f1, 0.8);
  EXPECT_TRUE(std::isnan(scores[2].precision));
  EXPECT_DOUBLE_EQ(scores[2].recall, 0);
}

TEST(AveragePrecision, sums_precision_where_recall_grows_with_ties_as_one_step) {
  const std::vector<double> truth = {1, 0, 1, 0}, sorted = {0.9, 0.8, 0.7, 0.1}, tied = {0.5, 0.5, 0.5, 0.5};
  EXPECT_DOUBLE_EQ(average_precision({.truth = truth, .prediction = sorted}), 0.5 * 1 + 0.5 * 2 / 3);
  EXPECT_DOUBLE_EQ(average_precision({.truth = truth, .prediction = tied}), 0.5);
  const std::vector<double> nothing = {0, 0, 0, 0};
  EXPECT_TRUE(std::isnan(average_precision({.truth = nothing, .prediction = sorted})));
}

TEST(CalibrationError, is_the_mean_distance_of_the_bins_by_weight) {
  const std::vector<CalibrationBin> bins = {{0.1, 0.2, 0, 1, 30}, {0.8, 0.7, 0, 1, 10}, {0.5, 0.5, 0, 1, 60}};
  EXPECT_NEAR(calibration_error(bins), 0.04, 1e-15);
  EXPECT_TRUE(std::isnan(calibration_error({})));
}

TEST(Confidences, ask_whether_the_likeliest_class_was_right) {
  const std::vector<double> truth = {1, 0}, prediction = {0.2, 0.7, 0.1, 0.3, 0.3, 0.4};
  const Confidences sure = confidences({.truth = truth, .prediction = prediction, .outputs = 3});
  EXPECT_EQ(sure.truth, (std::vector<double>{1, 0}));
  EXPECT_EQ(sure.prediction, (std::vector<double>{0.7, 0.4}));
  const std::vector<double> low = {0.2, 0.9};
  EXPECT_EQ(confidences({.truth = truth, .prediction = low}).prediction, (std::vector<double>{0.8, 0.9}));
}

}  // namespace
}  // namespace astrolabe
