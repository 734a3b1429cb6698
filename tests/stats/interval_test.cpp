// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/stats/interval.h"

#include <cmath>
#include <limits>
#include <string_view>

#include "tests/stats/samples.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

constexpr double kRounding = 1e-13;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
const Key kKey = Key::from_seed(1);

Estimate estimate_of(std::string_view metric, const Scored& scored, double confidence = 0.95) {
  return estimate(*find_metric(metric), scored, kKey, confidence);
}

Difference difference_of(std::string_view metric, const Scored& a, const Scored& b) {
  return paired_difference(*find_metric(metric), a, b, kKey);
}

void expect_estimate(const Estimate& found, double value, double low, double high, std::string_view method) {
  EXPECT_NEAR(found.value, value, kRounding);
  EXPECT_NEAR(found.low, low, kRounding);
  EXPECT_NEAR(found.high, high, kRounding);
  EXPECT_EQ(found.method, method);
}

void expect_undefined(const Estimate& found) {
  EXPECT_TRUE(std::isnan(found.low));
  EXPECT_TRUE(std::isnan(found.high));
  EXPECT_EQ(found.method, "undefined");
}

// Expected values: DeLong's definition over all pairs in NumPy, and SciPy 1.17.1, on the samples of
// samples.h.
TEST(DeLong, agrees_with_its_definition_and_is_clipped_to_one) {
  expect_estimate(estimate_of("auc", kBinary.unweighted()), 0.8, 0.5027567446081158, 1, "DeLong");
}

TEST(DeLong, takes_equal_weights_as_none) {
  const std::vector<double> twos(kBinary.truth.size(), 2);
  Scored scored = kBinary.unweighted();
  scored.weight = twos;
  expect_estimate(estimate_of("auc", scored), 0.8, 0.5027567446081158, 1, "DeLong");
}

TEST(DeLong, of_a_pair_agrees_with_its_definition) {
  const Difference found = difference_of("auc", kBinary.unweighted(), kBinaryRival.unweighted());
  const double reach = normal_quantile(0.975) * std::sqrt(0.0182);
  expect_estimate(found.effect, -0.04, -0.04 - reach, -0.04 + reach, "DeLong");
  EXPECT_NEAR(found.p_value, 0.7668484756777452, kRounding);
}

TEST(DeLong, of_a_predictor_without_information_is_one_point) {
  const std::vector<double> truth{0, 0, 1, 1}, constant(4, 0.3);
  expect_estimate(estimate_of("auc", {.truth = truth, .prediction = constant}), 0.5, 0.5, 0.5, "DeLong");
}

// Expected values: the roots of Newcombe's equation by SciPy's brentq.
TEST(Newcombe, stands_in_where_delong_collapses) {
  const std::vector<double> truth{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1};
  expect_estimate(estimate_of("auc", {.truth = truth, .prediction = truth}), 1, 0.6964363811281589, 1,
                  "Newcombe");
  const std::vector<double> flipped{1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0};
  expect_estimate(estimate_of("auc", {.truth = truth, .prediction = flipped}), 0, 0, 1 - 0.6964363811281589,
                  "Newcombe");
}

TEST(Newcombe, bounds_the_auc_of_a_single_positive) {
  const std::vector<double> truth{1, 0, 0, 0, 0}, prediction{.6, .7, .1, .2, .3};
  expect_estimate(estimate_of("auc", {.truth = truth, .prediction = prediction}), 0.75, 0.20349751124676835,
                  0.9706774583791787, "Newcombe");
}

TEST(StudentT, of_a_mean_of_row_losses_agrees_with_scipy) {
  expect_estimate(estimate_of("brier", kBinary.unweighted()), 0.16775, 0.044694258505177234,
                  0.2908057414948228, "Student t");
}

TEST(StudentT, of_weighted_rows_has_the_degrees_of_their_effective_number) {
  expect_estimate(estimate_of("mae", kNumbers.weighted()), 0.7444444444444445, 0.08699790070235769,
                  1.4018909881865311, "Student t");
}

TEST(StudentT, of_the_rmse_follows_the_delta_method) {
  expect_estimate(estimate_of("rmse", kNumbers.unweighted()), 0.7958224257542215, 0.22234540525528745,
                  1.3692994462531556, "Student t");
}

TEST(StudentT, never_goes_below_a_loss_of_zero) {
  const std::vector<double> truth{0, 0, 0, 0}, prediction{0, 0, 0, 1};
  EXPECT_EQ(estimate_of("mae", {.truth = truth, .prediction = prediction}).low, 0);
}

TEST(StudentT, of_a_pair_agrees_with_scipy) {
  const Difference found = difference_of("brier", kBinary.unweighted(), kBinaryRival.unweighted());
  expect_estimate(found.effect, -0.01175, -0.11375300658708742, 0.09025300658708746, "Student t");
  EXPECT_NEAR(found.p_value, 0.8002775736864846, kRounding);
}

TEST(StudentT, of_a_pair_of_rmse_follows_the_delta_method) {
  const std::vector<double> rival{2, 1, 4.5, 2, 5.5, 8.5};
  const Difference found =
      difference_of("rmse", kNumbers.unweighted(), {.truth = kNumbers.truth, .prediction = rival});
  expect_estimate(found.effect, 0.11881922536789147, -0.6074550728758302, 0.8450935236116132, "Student t");
  EXPECT_NEAR(found.p_value, 0.6915468856169326, kRounding);
}

TEST(PairedDifference, that_never_varies_is_as_likely_as_its_signs_agree_by_chance) {
  const std::vector<double> truth{0, 0, 0}, near{.1, .1, .1}, far{.3, .3, .3};
  const Difference found =
      difference_of("mae", {.truth = truth, .prediction = far}, {.truth = truth, .prediction = near});
  expect_estimate(found.effect, 0.2, 0.2, 0.2, "Student t");
  EXPECT_EQ(found.p_value, 0.25);
}

TEST(PairedDifference, of_a_predictor_with_itself_is_nothing) {
  for (const Metric& metric : metrics()) {
    if (metric.is_of_ranking()) continue;  // ranking_metric_test.cpp
    for (const Scored& scored : {kBinary.unweighted(), kBinary.weighted()}) {
      const Scored& rows = metric.regression ? kNumbers.unweighted() : scored;
      const Difference found = paired_difference(metric, rows, rows, kKey);
      EXPECT_EQ(found.effect.low, 0) << metric.name;
      EXPECT_EQ(found.effect.high, 0) << metric.name;
      EXPECT_EQ(found.p_value, 1) << metric.name;
    }
  }
}

TEST(PairedDifference, of_different_truth_or_weight_is_our_fault) {
  const std::vector<double> truth{0, 1, 0}, other{0, 1, 1}, weight{1, 2, 3};
  const Scored a{.truth = truth, .prediction = truth};
  EXPECT_THROW((void)difference_of("mae", a, {.truth = other, .prediction = truth}), InternalError);
  EXPECT_THROW((void)difference_of("mae", a, {.truth = truth, .prediction = truth, .weight = weight}),
               InternalError);
}

TEST(Estimate, of_rows_that_say_nothing_is_undefined) {
  const std::vector<double> none{}, broken{0, kNan, 1}, zeros{0, 0, 0};
  for (const Metric& metric : metrics()) {
    for (const Scored& scored :
         {Scored{.truth = none, .prediction = none}, Scored{.truth = broken, .prediction = broken},
          Scored{.truth = zeros, .prediction = zeros, .weight = zeros}}) {
      const Estimate found = estimate(metric, scored, kKey);
      EXPECT_TRUE(std::isnan(found.value)) << metric.name;
      expect_undefined(found);
      const Difference difference = paired_difference(metric, scored, scored, kKey);
      expect_undefined(difference.effect);
      EXPECT_TRUE(std::isnan(difference.p_value)) << metric.name;
    }
  }
}

TEST(Estimate, of_one_row_has_a_value_but_no_bounds) {
  const std::vector<double> one{1}, prediction{0.75};
  const Scored scored{.truth = one, .prediction = prediction};
  for (const std::string_view name : {"log_loss", "brier", "f1", "balanced_accuracy", "rmse", "mae",
                                      "pinball", "poisson_deviance", "gamma_deviance"}) {
    const Estimate found = estimate_of(name, scored);
    EXPECT_TRUE(std::isfinite(found.value)) << name;
    expect_undefined(found);
    expect_undefined(difference_of(name, scored, scored).effect);
  }
}

TEST(Estimate, of_one_class_is_undefined_for_the_auc) {
  const std::vector<double> ones(5, 1), prediction{.1, .2, .3, .4, .5};
  expect_undefined(estimate_of("auc", {.truth = ones, .prediction = prediction}));
}

TEST(Estimate, of_a_share_is_wilsons) {
  expect_estimate(estimate_of("accuracy", kBinary.unweighted()), 0.7, wilson_interval(7, 10).low,
                  wilson_interval(7, 10).high, "Wilson");
}

TEST(Estimate, by_bootstrap_depends_on_its_key_alone) {
  const Metric& f1 = *find_metric("f1");
  const Estimate once = estimate(f1, kBinary.unweighted(), kKey),
                 again = estimate(f1, kBinary.unweighted(), kKey);
  EXPECT_EQ(once.low, again.low);
  EXPECT_EQ(once.high, again.high);
  EXPECT_EQ(once.method, "bootstrap");
}

TEST(Estimate, of_weighted_auc_is_by_bootstrap) {
  EXPECT_EQ(estimate_of("auc", kBinary.weighted()).method, "bootstrap");
  EXPECT_EQ(difference_of("auc", kBinary.weighted(), kBinaryRival.weighted()).effect.method, "bootstrap");
}

TEST(Estimate, with_a_confidence_that_is_none_is_our_fault) {
  EXPECT_THROW((void)estimate_of("auc", kBinary.unweighted(), 1), InternalError);
  EXPECT_THROW((void)estimate_of("auc", kBinary.unweighted(), 0), InternalError);
}

// Expected values: SciPy's binomtest(...).proportion_ci(method="wilson").
TEST(Wilson, agrees_with_scipy) {
  expect_estimate(wilson_interval(8, 10), 0.8, 0.4901624715366418, 0.9433178485456248, "Wilson");
  expect_estimate(wilson_interval(0, 10), 0, 0, 0.27753279986288926, "Wilson");
  expect_estimate(wilson_interval(10, 10), 1, 0.7224672001371109, 1, "Wilson");
  expect_estimate(wilson_interval(1, 3), 1.0 / 3, 0.06149194472039626, 0.7923403991979523, "Wilson");
}

TEST(Wilson, without_trials_is_undefined) {
  expect_undefined(wilson_interval(0, 0));
  expect_undefined(wilson_interval(1, kNan));
}

// By hand: mean 0.82, s^2 = 0.00085, variance (1/5 + 1/4) s^2, t(0.975, 4) = 2.776445.
TEST(CorrectedResampledT, agrees_with_the_example_by_hand) {
  const std::vector<double> scores{.81, .84, .79, .86, .80};
  const double reach = 2.7764451051977987 * std::sqrt(0.45 * 0.00085);
  expect_estimate(corrected_resampled_t(scores, 0.25), 0.82, 0.82 - reach, 0.82 + reach,
                  "corrected resampled t");
}

TEST(CorrectedResampledT, of_less_than_two_folds_or_a_nan_is_undefined) {
  const std::vector<double> one{.8}, broken{.8, kNan};
  expect_undefined(corrected_resampled_t({}, 0.25));
  expect_undefined(corrected_resampled_t(one, 0.25));
  expect_undefined(corrected_resampled_t(broken, 0.25));
  EXPECT_EQ(corrected_resampled_t(one, 0.25).value, .8);
}

// By hand: sorted .005 .01 .03 .04 times 4 3 2 1, then never falling.
TEST(Holm, agrees_with_the_example_by_hand) {
  const std::vector<double> adjusted = holm_adjust(std::vector{.01, .04, .03, .005});
  const std::vector<double> expected{.03, .06, .06, .02};
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(adjusted[i], expected[i], kRounding);
}

TEST(Holm, stops_at_one_and_keeps_a_nan_as_a_hypothesis) {
  const std::vector<double> adjusted = holm_adjust(std::vector{.7, kNan, .02});
  EXPECT_EQ(adjusted[0], 1);
  EXPECT_TRUE(std::isnan(adjusted[1]));
  EXPECT_NEAR(adjusted[2], .06, kRounding);
  EXPECT_TRUE(holm_adjust({}).empty());
}

}  // namespace
}  // namespace astrolabe
