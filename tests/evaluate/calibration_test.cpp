// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evaluate/calibration.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "astrolabe/stats/interval.h"

namespace astrolabe {
namespace {

double sigmoid(double z) {
  return 1 / (1 + std::exp(-z));
}

// Rows whose true log odds are z, said as `told` times z.
struct Binary {
  std::vector<double> truth, prediction;

  Binary(std::size_t rows, double told, std::uint64_t seed) {
    RandomStream random(Key::from_seed(seed));
    for (std::size_t i = 0; i < rows; ++i) {
      const double z = 3 * random.normal();
      truth.push_back(random.uniform() < sigmoid(z) ? 1.0 : 0.0);
      prediction.push_back(sigmoid(told * z));
    }
  }
  [[nodiscard]] Scored scored() const {
    return {.truth = truth, .prediction = prediction, .outputs = 1, .weight = {}};
  }
};

double log_loss_of(const Scored& scored, std::vector<double> prediction) {
  return find_metric("log_loss")
      ->compute({.truth = scored.truth,
                 .prediction = prediction,
                 .outputs = scored.outputs,
                 .weight = scored.weight});
}

TEST(Calibration, temperature_undoes_an_exaggeration) {
  const Binary rows(20'000, 2.5, 1);
  EXPECT_NEAR(fit_temperature(rows.scored()).power, 1 / 2.5, 0.02);
}

TEST(Calibration, temperature_is_the_best_power_on_a_grid) {
  const Binary rows(500, 0.4, 2);
  const Calibration fitted = fit_temperature(rows.scored());
  std::vector<double> best = rows.prediction;
  fitted.apply(best, 1);
  const double least = log_loss_of(rows.scored(), best);
  for (double power = 0.06; power < 19; power *= 1.07) {
    std::vector<double> other = rows.prediction;
    Calibration{.kind = CalibrationKind::temperature, .power = power, .curves = {}}.apply(other, 1);
    EXPECT_GE(log_loss_of(rows.scored(), other), least - 1e-12) << power;
  }
}

TEST(Calibration, temperature_of_two_classes_is_that_of_one_output) {
  const Binary rows(800, 3, 3);
  std::vector<double> both;
  for (const double p : rows.prediction) both.insert(both.end(), {1 - p, p});
  const Scored two{.truth = rows.truth, .prediction = both, .outputs = 2, .weight = {}};
  EXPECT_NEAR(fit_temperature(two).power, fit_temperature(rows.scored()).power, 1e-9);
}

TEST(Calibration, isotonic_is_the_pooled_mean_of_violators) {
  // Scores 1 to 6 with labels 0 1 0 1 1 1: rows two and three violate the order and share 1/2.
  const std::vector<double> truth = {0, 1, 0, 1, 1, 1};
  const std::vector<double> prediction = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6};
  const Calibration fitted =
      fit_isotonic({.truth = truth, .prediction = prediction, .outputs = 1, .weight = {}});
  ASSERT_EQ(fitted.curves.size(), 1U);
  EXPECT_NEAR(fitted.curves[0].at(0.25), 0.5, 1e-12);
  EXPECT_NEAR(fitted.curves[0].at(0.0), 1.0 / 8, 1e-12);
  EXPECT_NEAR(fitted.curves[0].at(0.9), 7.0 / 8, 1e-12);
}

TEST(Calibration, isotonic_takes_equal_scores_as_one) {
  const std::vector<double> truth = {0, 1, 0, 1, 0, 1, 1, 1};
  const std::vector<double> prediction = {0.2, 0.5, 0.5, 0.5, 0.5, 0.5, 0.8, 0.8};
  const RisingCurve curve =
      fit_isotonic({.truth = truth, .prediction = prediction, .outputs = 1, .weight = {}}).curves.at(0);
  EXPECT_EQ(curve.x.size(), 3U);
  EXPECT_NEAR(curve.at(0.5), 3.0 / 5, 1e-12);
}

TEST(Calibration, isotonic_rises_and_stays_within_its_bounds) {
  const Binary rows(3'000, 0.2, 4);
  const RisingCurve curve = fit_isotonic(rows.scored()).curves.at(0);
  EXPECT_TRUE(std::ranges::is_sorted(curve.x, std::ranges::less_equal{}) || curve.x.size() == 1);
  EXPECT_TRUE(std::ranges::is_sorted(curve.y));
  EXPECT_GT(curve.y.front(), 0);
  EXPECT_LT(curve.y.back(), 1);
}

TEST(Calibration, rows_without_weight_decide_nothing) {
  Binary rows(400, 2, 5);
  std::vector<double> weight(rows.truth.size(), 1.0);
  const Calibration before = fit_isotonic(rows.scored());
  for (int i = 0; i < 100; ++i) {
    rows.truth.push_back(0);
    rows.prediction.push_back(0.99);
    weight.push_back(0);
  }
  const Scored with{.truth = rows.truth, .prediction = rows.prediction, .outputs = 1, .weight = weight};
  EXPECT_EQ(fit_isotonic(with).curves[0].y, before.curves[0].y);
  EXPECT_NEAR(fit_temperature(with).power, fit_temperature(Binary(400, 2, 5).scored()).power, 1e-9);
}

TEST(Calibration, several_classes_sum_to_one) {
  RandomStream random(Key::from_seed(6));
  std::vector<double> truth, prediction;
  for (int i = 0; i < 600; ++i) {
    const auto own = static_cast<std::size_t>(3 * random.uniform());
    truth.push_back(static_cast<double>(own));
    std::vector<double> row(3, 0.05);
    row[random.uniform() < 0.7 ? own : (own + 1) % 3] = 0.9;
    prediction.insert(prediction.end(), row.begin(), row.end());
  }
  const Scored scored{.truth = truth, .prediction = prediction, .outputs = 3, .weight = {}};
  for (const Calibration& fitted : {fit_temperature(scored), fit_isotonic(scored)}) {
    std::vector<double> changed = prediction;
    fitted.apply(changed, 3);
    for (std::size_t i = 0; i < changed.size(); i += 3)
      EXPECT_NEAR(changed[i] + changed[i + 1] + changed[i + 2], 1, 1e-12);
    EXPECT_LT(log_loss_of(scored, changed), log_loss_of(scored, prediction));
  }
}

TEST(Calibration, sure_probabilities_stay_finite) {
  std::vector<double> changed = {0, 1, 0.5, 1, 0, 0};
  Calibration{.kind = CalibrationKind::temperature, .power = 3, .curves = {}}.apply(changed, 3);
  for (const double p : changed) EXPECT_TRUE(p >= 0 && p <= 1);
  std::vector<double> binary = {0, 1};
  Calibration{.kind = CalibrationKind::temperature, .power = 0.5, .curves = {}}.apply(binary, 1);
  EXPECT_TRUE(binary[0] >= 0 && binary[1] <= 1);
}

TEST(ChooseCalibration, leaves_calibrated_probabilities_alone) {
  int changed = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const Binary rows(1'000, 1, 100 + seed);
    const ChosenCalibration chosen =
        choose_calibration(rows.scored(), *find_metric("log_loss"), Predictor::one_fit, Key::from_seed(seed));
    if (chosen.calibration.kind == CalibrationKind::none) {
      EXPECT_EQ(chosen.cross_fitted, rows.prediction);
    } else {
      ++changed;
    }
  }
  EXPECT_LE(changed, 4);
}

TEST(ChooseCalibration, takes_the_temperature_of_an_exaggeration) {
  const Binary rows(2'000, 2.5, 7);
  const ChosenCalibration chosen =
      choose_calibration(rows.scored(), *find_metric("log_loss"), Predictor::one_fit, Key::from_seed(7));
  EXPECT_NE(chosen.calibration.kind, CalibrationKind::none);
  EXPECT_LT(chosen.log_loss_after, chosen.log_loss_before);
  EXPECT_NEAR(log_loss_of(rows.scored(), chosen.cross_fitted), chosen.log_loss_after, 1e-12);
}

TEST(ChooseCalibration, takes_a_curve_where_no_power_helps) {
  Binary rows(4'000, 1, 8);
  for (double& p : rows.prediction) p = 0.5 + 0.5 * p;  // all too high
  const ChosenCalibration chosen =
      choose_calibration(rows.scored(), *find_metric("log_loss"), Predictor::one_fit, Key::from_seed(8));
  EXPECT_EQ(chosen.calibration.kind, CalibrationKind::isotonic);
  EXPECT_NE(choose_calibration(rows.scored(), *find_metric("auc"), Predictor::one_fit, Key::from_seed(8))
                .calibration.kind,
            CalibrationKind::isotonic);
}

TEST(ChooseCalibration, of_an_auc_changes_no_order) {
  const Binary rows(2'000, 3, 9);
  const ChosenCalibration chosen =
      choose_calibration(rows.scored(), *find_metric("auc"), Predictor::one_fit, Key::from_seed(9));
  ASSERT_EQ(chosen.calibration.kind, CalibrationKind::temperature);
  std::vector<double> changed = rows.prediction;
  chosen.calibration.apply(changed, 1);
  const Metric& auc = *find_metric("auc");
  EXPECT_NEAR(auc.compute({.truth = rows.truth, .prediction = changed, .outputs = 1, .weight = {}}),
              auc.compute(rows.scored()), 1e-12);
}

TEST(ChooseCalibration, of_a_mean_makes_it_surer_only) {
  const Metric& log_loss = *find_metric("log_loss");
  const Binary boastful(2'000, 2.5, 11), shy(2'000, 0.4, 11);
  EXPECT_EQ(choose_calibration(boastful.scored(), log_loss, Predictor::mean_of_fits, Key::from_seed(1))
                .calibration.kind,
            CalibrationKind::none);
  const ChosenCalibration chosen =
      choose_calibration(shy.scored(), log_loss, Predictor::mean_of_fits, Key::from_seed(1));
  EXPECT_EQ(chosen.calibration.kind, CalibrationKind::temperature);
  EXPECT_NEAR(chosen.calibration.power, 2.5, 0.4);
}

TEST(ChooseCalibration, few_rows_and_numbers_are_left_alone) {
  const Binary few(60, 4, 10);
  EXPECT_EQ(choose_calibration(few.scored(), *find_metric("log_loss"), Predictor::one_fit, Key::from_seed(1))
                .calibration.kind,
            CalibrationKind::none);
  EXPECT_EQ(choose_calibration(few.scored(), *find_metric("rmse"), Predictor::one_fit, Key::from_seed(1))
                .calibration.kind,
            CalibrationKind::none);
}

}  // namespace
}  // namespace astrolabe
