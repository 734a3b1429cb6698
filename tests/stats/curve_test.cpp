// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/stats/curve.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/stats/samples.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/random.h"
#include "astrolabe/stats/interval.h"

namespace astrolabe {
namespace {

constexpr double kRounding = 1e-14;

Sample random_binary(std::size_t rows) {
  RandomStream random(Key::from_seed(3));
  Sample sample;
  for (std::size_t row = 0; row < rows; ++row) {
    sample.prediction.push_back(random.uniform());
    sample.truth.push_back(random.uniform() < sample.prediction.back() ? 1 : 0);
    sample.weight.push_back(random.uniform());
  }
  return sample;
}

double distance_to_segment(const RocPoint& point, const RocPoint& from, const RocPoint& to) {
  const double dx = to.false_positive_rate - from.false_positive_rate;
  const double dy = to.true_positive_rate - from.true_positive_rate;
  const double px = point.false_positive_rate - from.false_positive_rate;
  const double py = point.true_positive_rate - from.true_positive_rate;
  const double squared = dx * dx + dy * dy;
  const double along = squared > 0 ? std::clamp((px * dx + py * dy) / squared, 0.0, 1.0) : 0;
  return std::hypot(px - along * dx, py - along * dy);
}

double distance_to_curve(const RocPoint& point, const std::vector<RocPoint>& curve) {
  double nearest = 2;
  for (std::size_t i = 1; i < curve.size(); ++i) {
    nearest = std::min(nearest, distance_to_segment(point, curve[i - 1], curve[i]));
  }
  return nearest;
}

// Expected values: scikit-learn 1.9.1, roc_curve(..., drop_intermediate=False).
TEST(RocCurve, agrees_with_scikit_learn_and_takes_ties_as_one_step) {
  const std::vector<RocPoint> found = roc_curve(kBinary.unweighted());
  const std::vector<double> false_rates{0, 0, 0, 0, .2, .6, .6, .8, 1},
      true_rates{0, .2, .4, .6, .6, .8, 1, 1, 1};
  const std::vector<double> thresholds{.9, .8, .7, .65, .4, .35, .1, .05};
  ASSERT_EQ(found.size(), false_rates.size());
  EXPECT_EQ(found[0].threshold, std::numeric_limits<double>::infinity());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_NEAR(found[i].false_positive_rate, false_rates[i], kRounding);
    EXPECT_NEAR(found[i].true_positive_rate, true_rates[i], kRounding);
    if (i > 0) {
      EXPECT_EQ(found[i].threshold, thresholds[i - 1]);
    }
  }
}

TEST(RocCurve, counts_weights) {
  const std::vector<RocPoint> found = roc_curve(kBinary.weighted());
  EXPECT_NEAR(found[4].false_positive_rate, 1 / 7.25, kRounding);
  EXPECT_NEAR(found[5].true_positive_rate, 5.5 / 6, kRounding);
}

TEST(RocCurve, that_is_thinned_stays_near_the_full_one_and_keeps_its_ends) {
  const Sample sample = random_binary(5000);
  const std::vector<RocPoint> full = roc_curve(sample.weighted(), 1'000'000);
  ASSERT_EQ(full.size(), 5001U);
  for (const std::size_t points : {4U, 5U, 20U, 200U}) {
    const std::vector<RocPoint> thin = roc_curve(sample.weighted(), points);
    EXPECT_EQ(thin.size(), points);
    EXPECT_EQ(thin.front().true_positive_rate + thin.front().false_positive_rate, 0);
    EXPECT_EQ(thin.back().true_positive_rate + thin.back().false_positive_rate, 2);
    for (const RocPoint& point : full) {
      EXPECT_LE(distance_to_curve(point, thin), 1.0 / static_cast<double>(points));
    }
    for (std::size_t i = 1; i < thin.size(); ++i) {
      EXPECT_GE(thin[i].false_positive_rate, thin[i - 1].false_positive_rate);
      EXPECT_GE(thin[i].true_positive_rate, thin[i - 1].true_positive_rate);
      EXPECT_LE(thin[i].threshold, thin[i - 1].threshold);
    }
  }
}

TEST(RocCurve, has_the_auc_under_it) {
  const Sample sample = random_binary(1000);
  const std::vector<RocPoint> curve = roc_curve(sample.weighted(), 10'000);
  double area = 0;
  for (std::size_t i = 1; i < curve.size(); ++i) {
    area += (curve[i].false_positive_rate - curve[i - 1].false_positive_rate) *
            (curve[i].true_positive_rate + curve[i - 1].true_positive_rate) / 2;
  }
  EXPECT_NEAR(area, find_metric("auc")->compute(sample.weighted()), 1e-12);
}

TEST(RocCurve, of_one_class_or_no_rows_is_empty) {
  const std::vector<double> ones{1, 1};
  EXPECT_TRUE(roc_curve({.truth = ones, .prediction = ones}).empty());
  EXPECT_TRUE(roc_curve({}).empty());
}

TEST(RocCurve, of_three_points_is_our_fault) {
  EXPECT_THROW((void)roc_curve(kBinary.unweighted(), 3), InternalError);
}

TEST(CalibrationCurve, has_bins_of_equal_weight) {
  const Sample sample = random_binary(5000);
  double total = 0;
  for (const double weight : sample.weight) total += weight;
  const std::vector<CalibrationBin> bins = calibration_curve(sample.weighted());
  ASSERT_EQ(bins.size(), 10U);
  for (std::size_t i = 0; i < bins.size(); ++i) {
    EXPECT_NEAR(bins[i].weight, total / 10, 1.0);  // no row weighs more than 1
    if (i > 0) {
      EXPECT_GT(bins[i].mean_prediction, bins[i - 1].mean_prediction);
    }
    EXPECT_LE(bins[i].low, bins[i].observed);
    EXPECT_GE(bins[i].high, bins[i].observed);
  }
}

TEST(CalibrationCurve, keeps_equal_predictions_in_one_bin) {
  const std::vector<double> truth{0, 1, 1, 0, 1, 1}, prediction{.2, .2, .2, .2, .9, .9};
  const std::vector<CalibrationBin> bins = calibration_curve({.truth = truth, .prediction = prediction}, 3);
  ASSERT_EQ(bins.size(), 2U);
  EXPECT_DOUBLE_EQ(bins[0].mean_prediction, .2);
  EXPECT_EQ(bins[0].observed, .5);
  EXPECT_EQ(bins[0].weight, 4);
  EXPECT_EQ(bins[0].low, wilson_interval(2, 4).low);
  EXPECT_EQ(bins[1].observed, 1);
}

TEST(CalibrationCurve, of_one_row_is_one_bin_and_of_none_is_empty) {
  const std::vector<double> one{1};
  EXPECT_EQ(calibration_curve({.truth = one, .prediction = one}).size(), 1U);
  EXPECT_TRUE(calibration_curve({}).empty());
  EXPECT_THROW((void)calibration_curve({}, 0), InternalError);
}

// Expected values: scikit-learn 1.9.1, confusion_matrix.
TEST(Confusion, agrees_with_scikit_learn) {
  const Confusion found = confusion(kThreeClasses.weighted());
  EXPECT_EQ(found.classes, 3U);
  EXPECT_EQ(found.counts, (std::vector<double>{1, 1.5, 0, 0, 5, 0, 0, .5, 1}));
}

TEST(Confusion, of_two_classes_is_cut_at_a_half) {
  const Confusion found = confusion(kBinary.unweighted());
  EXPECT_EQ(found.counts, (std::vector<double>{4, 1, 2, 3}));
}

TEST(Confusion, leaves_out_unknown_classes_and_of_nothing_is_zero) {
  const std::vector<double> truth{0, 5, -1}, prediction{.1, .2, .3};
  EXPECT_EQ(confusion({.truth = truth, .prediction = prediction}).counts, (std::vector<double>{1, 0, 0, 0}));
  EXPECT_EQ(confusion({}).counts, (std::vector<double>{0, 0, 0, 0}));
}

}  // namespace
}  // namespace astrolabe
