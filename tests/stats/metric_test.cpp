// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/stats/metric.h"

#include <cmath>
#include <limits>
#include <set>
#include <string_view>

#include "tests/stats/samples.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

// The last digit of a reference value, times what ten rows can add in rounding.
constexpr double kRounding = 1e-14;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

double value_of(std::string_view metric, const Scored& scored) {
  return find_metric(metric)->compute(scored);
}

struct Known {
  std::string_view metric;
  double unweighted, weighted;
};

void expect_known(const Sample& sample, std::initializer_list<Known> values) {
  for (const Known& known : values) {
    EXPECT_NEAR(value_of(known.metric, sample.unweighted()), known.unweighted, kRounding) << known.metric;
    EXPECT_NEAR(value_of(known.metric, sample.weighted()), known.weighted, kRounding) << known.metric;
  }
}

TEST(Metric, of_two_classes_agrees_with_scikit_learn) {
  expect_known(kBinary, {{"auc", 0.8, 0.810344827586207},
                         {"log_loss", 0.4879419049359637, 0.4839260957896236},
                         {"brier", 0.16775, 0.16108490566037736},
                         {"accuracy", 0.7, 0.7735849056603774},
                         {"f1", 0.6666666666666666, 0.7272727272727273},
                         {"balanced_accuracy", 0.7, 0.764367816091954}});
}

TEST(Metric, of_three_classes_agrees_with_scikit_learn) {
  expect_known(kThreeClasses, {{"log_loss", 0.7662003360564857, 0.7666430121481067},
                               {"brier", 0.43916666666666665, 0.4338888888888889},
                               {"accuracy", 0.6666666666666666, 0.7777777777777778},
                               {"f1", 0.6666666666666666, 0.734920634920635},
                               {"balanced_accuracy", 0.6666666666666666, 0.6888888888888888}});
}

TEST(Metric, of_numbers_agrees_with_scikit_learn) {
  expect_known(kNumbers, {{"rmse", 0.7958224257542215, 0.8793937305515279},
                          {"mae", 0.6333333333333333, 0.7444444444444445},
                          {"r2", 0.9152416356877323, 0.8983529411764706},
                          {"pinball", 0.31666666666666665, 0.37222222222222223},
                          {"poisson_deviance", 0.12991182153090772, 0.14533549543631974},
                          {"gamma_deviance", 0.04637388636607779, 0.04328087605661154}});
}

TEST(Metric, is_the_mean_of_its_row_values_or_the_root_of_it) {
  for (const Metric& metric : metrics()) {
    if (metric.row_loss == nullptr) continue;
    const Sample& sample = metric.regression ? kNumbers : kThreeClasses;
    double sum = 0;
    for (std::size_t row = 0; row < sample.truth.size(); ++row) {
      sum += metric.row_loss(sample.truth[row],
                             std::span(sample.prediction).subspan(row * sample.outputs, sample.outputs));
    }
    double mean = sum / static_cast<double>(sample.truth.size());
    if (metric.interval == IntervalMethod::root_of_mean) mean = std::sqrt(mean);
    EXPECT_NEAR(metric.compute(sample.unweighted()), mean, kRounding) << metric.name;
  }
}

TEST(Metric, without_rows_or_without_weight_is_nan) {
  const std::vector<double> one{1}, none{0};
  for (const Metric& metric : metrics()) {
    EXPECT_TRUE(std::isnan(metric.compute({}))) << metric.name;
    EXPECT_TRUE(std::isnan(metric.compute({.truth = one, .prediction = one, .weight = none}))) << metric.name;
  }
}

TEST(Metric, of_a_nan_anywhere_is_nan) {
  const std::vector<double> fine{1, 0, 1}, broken{1, kNan, 0};
  for (const Metric& metric : metrics()) {
    EXPECT_TRUE(std::isnan(metric.compute({.truth = broken, .prediction = fine}))) << metric.name;
    EXPECT_TRUE(std::isnan(metric.compute({.truth = fine, .prediction = broken}))) << metric.name;
    EXPECT_TRUE(std::isnan(metric.compute({.truth = fine, .prediction = fine, .weight = broken})))
        << metric.name;
  }
}

TEST(Metric, of_one_row_never_crashes) {
  const std::vector<double> one{1}, zero{0};
  for (const Metric& metric : metrics()) {
    for (const auto* truth : {&zero, &one}) {
      for (const auto* prediction : {&zero, &one}) {
        (void)metric.compute({.truth = *truth, .prediction = *prediction});
      }
    }
  }
}

TEST(Metric, ignores_rows_without_weight) {
  const std::vector<double> truth{-1, 1, 2}, prediction{5, 1, 3}, weight{0, 1, 1};
  const std::span<const double> y(truth), z(prediction);
  for (const Metric& metric : metrics()) {
    if (!metric.supports(TaskKind::regression)) continue;
    EXPECT_EQ(metric.compute({.truth = truth, .prediction = prediction, .weight = weight}),
              metric.compute({.truth = y.subspan(1), .prediction = z.subspan(1)}))
        << metric.name;
  }
}

TEST(Metric, of_spans_that_do_not_fit_is_our_fault) {
  const std::vector<double> two{0, 1}, three{0, 1, 0};
  EXPECT_THROW((void)value_of("auc", {.truth = two, .prediction = three}), InternalError);
  EXPECT_THROW((void)value_of("mae", {.truth = two, .prediction = two, .weight = three}), InternalError);
}

TEST(Auc, of_a_perfect_ranking_is_one) {
  const std::vector<double> truth{0, 0, 1, 1}, prediction{.1, .2, .3, .4};
  EXPECT_EQ(value_of("auc", {.truth = truth, .prediction = prediction}), 1);
}

TEST(Auc, of_equal_predictions_is_a_half) {
  const std::vector<double> truth{0, 1, 1, 1, 0}, prediction(5, .3), weight{1, 2, 3, 4, 5};
  EXPECT_EQ(value_of("auc", {.truth = truth, .prediction = prediction, .weight = weight}), 0.5);
}

TEST(Auc, of_one_class_is_nan) {
  const std::vector<double> ones{1, 1}, zeros{0, 0}, prediction{.1, .2};
  EXPECT_TRUE(std::isnan(value_of("auc", {.truth = ones, .prediction = prediction})));
  EXPECT_TRUE(std::isnan(value_of("auc", {.truth = zeros, .prediction = prediction})));
}

TEST(LogLoss, of_a_wrong_certainty_is_clipped) {
  const std::vector<double> one{1}, zero{0}, classes{0, 1};
  EXPECT_NEAR(value_of("log_loss", {.truth = one, .prediction = zero}), -std::log(1e-15), 1e-12);
  EXPECT_NEAR(value_of("log_loss", {.truth = zero, .prediction = one}), -std::log(1e-15), 1e-12);
  EXPECT_NEAR(value_of("log_loss", {.truth = zero, .prediction = classes, .outputs = 2}), -std::log(1e-15),
              1e-12);
}

TEST(LogLoss, of_a_right_certainty_is_next_to_nothing) {
  const std::vector<double> one{1};
  EXPECT_NEAR(value_of("log_loss", {.truth = one, .prediction = one}), 0, 1e-14);
}

TEST(Classes, that_were_never_seen_count_as_wrong) {
  const std::vector<double> truth{0, 7}, prediction{1, 0, 0, 1};
  const Scored scored{.truth = truth, .prediction = prediction, .outputs = 2};
  EXPECT_EQ(value_of("accuracy", scored), 0.5);
  EXPECT_EQ(value_of("f1", scored), 0.5);
  EXPECT_EQ(value_of("brier", scored), 0.5);
  EXPECT_NEAR(value_of("log_loss", scored), -std::log(1e-15) / 2, 1e-12);
}

TEST(PredictedClass, is_the_first_of_the_largest_and_cut_above_a_half) {
  EXPECT_EQ(predicted_class(std::vector{.2, .4, .4}), 1U);
  EXPECT_EQ(predicted_class(std::vector{.5}), 0U);
  EXPECT_EQ(predicted_class(std::vector{.51}), 1U);
}

TEST(F1, is_nan_when_nobody_is_or_is_said_to_be_positive) {
  const std::vector<double> truth{0, 0}, low{.1, .2}, high{.1, .9};
  EXPECT_TRUE(std::isnan(value_of("f1", {.truth = truth, .prediction = low})));
  EXPECT_EQ(value_of("f1", {.truth = truth, .prediction = high}), 0);
}

TEST(R2, of_a_constant_target_is_nan) {
  const std::vector<double> truth(3, .1), prediction{.1, .2, .3};
  EXPECT_TRUE(std::isnan(value_of("r2", {.truth = truth, .prediction = prediction})));
}

TEST(PoissonDeviance, takes_zeros) {
  const std::vector<double> truth{0, 1, 2, 0, 7}, prediction{.5, 1.5, 1, 2, 5};
  EXPECT_NEAR(value_of("poisson_deviance", {.truth = truth, .prediction = prediction}), 1.3344539637440864,
              kRounding);
}

TEST(Deviance, outside_its_domain_is_nan_and_guards_predictions) {
  const std::vector<double> negative{-1}, zero{0}, one{1};
  EXPECT_TRUE(std::isnan(value_of("poisson_deviance", {.truth = negative, .prediction = one})));
  EXPECT_TRUE(std::isnan(value_of("gamma_deviance", {.truth = zero, .prediction = one})));
  EXPECT_TRUE(std::isfinite(value_of("poisson_deviance", {.truth = one, .prediction = negative})));
  EXPECT_TRUE(std::isfinite(value_of("gamma_deviance", {.truth = one, .prediction = zero})));
}

TEST(MetricCatalogue, has_unique_names_and_says_what_each_metric_is) {
  std::set<std::string_view> names;
  for (const Metric& metric : metrics()) {
    EXPECT_TRUE(names.insert(metric.name).second) << metric.name;
    EXPECT_EQ(find_metric(metric.name), &metric);
    EXPECT_FALSE(metric.title.empty());
    EXPECT_TRUE(metric.doc.ends_with('.')) << metric.name;
    EXPECT_TRUE(metric.binary || metric.multiclass || metric.regression) << metric.name;
    EXPECT_EQ(metric.row_loss == nullptr, metric.interval == IntervalMethod::delong ||
                                              metric.interval == IntervalMethod::bootstrap ||
                                              metric.interval == IntervalMethod::groups)
        << metric.name;
  }
  EXPECT_EQ(names.size(), 15U);
  EXPECT_EQ(find_metric("no such metric"), nullptr);
}

TEST(MetricCatalogue, has_a_default_that_supports_its_task) {
  for (const TaskKind kind : {TaskKind::binary, TaskKind::multiclass, TaskKind::regression}) {
    EXPECT_TRUE(default_metric(kind).supports(kind)) << task_kind_name(kind);
  }
  EXPECT_EQ(default_metric(TaskKind::binary).name, "auc");
  EXPECT_EQ(default_metric(TaskKind::multiclass).name, "log_loss");
  EXPECT_EQ(default_metric(TaskKind::regression).name, "rmse");
}

TEST(MetricOrder, follows_its_direction_and_puts_nan_last) {
  const Metric& auc = *find_metric("auc");
  const Metric& mae = *find_metric("mae");
  EXPECT_TRUE(auc.better(.9, .8));
  EXPECT_TRUE(mae.better(.8, .9));
  EXPECT_FALSE(mae.better(.8, .8));
  for (const Metric* metric : {&auc, &mae}) {
    EXPECT_TRUE(metric->better(0, kNan));
    EXPECT_FALSE(metric->better(kNan, 0));
    EXPECT_FALSE(metric->better(kNan, kNan));
  }
}

}  // namespace
}  // namespace astrolabe
