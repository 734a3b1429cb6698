// SPDX-License-Identifier: Apache-2.0
// Numbers of scikit-learn 1.9.1 on data that a formula makes: ElasticNet, Ridge, LogisticRegression
// (newton-cg and saga) and PoissonRegressor with alpha = penalty, C = 1 / (rows * penalty), the target
// measured in its standard deviation (gaussian) or mean (poisson). Their solvers stop at 1e-8 or better.
#include <algorithm>
#include <cmath>

#include "tests/learners/linear/sample.h"
#include <gtest/gtest.h>

namespace astrolabe::linear {
namespace {

constexpr std::size_t kRows = 40;

FeatureMatrix waves() {
  std::vector<std::vector<float>> columns(4);
  for (std::size_t feature = 0; feature < 4; ++feature)
    for (std::size_t row = 0; row < kRows; ++row)
      columns[feature].push_back(
          static_cast<float>(std::sin(static_cast<double>((row + 1) * (feature + 1)) * 0.7)));
  return make_dense(columns, kRows);
}

template <class Label>
TrainingData labelled(TaskKind kind, std::size_t classes, Label label) {
  TrainingData data{.features = waves(),
                    .labels = {.kind = kind, .classes = classes, .values = {}, .weights = {}}};
  for (std::size_t row = 0; row < kRows; ++row)
    data.labels.values.push_back(label(static_cast<double>(row), data.features.columns[0].dense[row],
                                       data.features.columns[1].dense[row]));
  return data;
}

TrainingData numbers() {
  return labelled(TaskKind::regression, 0,
                  [](double row, double a, double b) { return 2 * a - b + 0.5 * std::cos(5 * row); });
}

TrainingData two_classes() {
  return labelled(TaskKind::binary, 2,
                  [](double row, double a, double) { return a + std::sin(3 * row) > 0 ? 1.0 : 0.0; });
}

void expect_first_predictions(const TrainingData& data, SettingValues settings, std::vector<double> expected,
                              double tolerance) {
  settings["penalty"] = 0.05;
  const std::vector<double> found = predict(*fit(data, settings), data.features);
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(found[i], expected[i], tolerance) << i;
}

TEST(LinearReference, elastic_net) {
  expect_first_predictions(numbers(), {{"l1_ratio", 0.5}}, {0.25374546, 1.48783504, 2.41180209}, 1e-7);
}

TEST(LinearReference, ridge) {
  expect_first_predictions(numbers(), {}, {0.23232803, 1.4586636, 2.42233017}, 1e-7);
}

TEST(LinearReference, logistic) {
  expect_first_predictions(two_classes(), {}, {0.769218461634, 0.888663839364, 0.826712032742}, 1e-7);
}

TEST(LinearReference, logistic_with_an_absolute_penalty) {
  expect_first_predictions(two_classes(), {{"l1_ratio", 0.5}},
                           {0.808032898872, 0.879204452608, 0.856772228498}, 1e-7);
}

TEST(LinearReference, multinomial) {
  const TrainingData data = labelled(TaskKind::multiclass, 3, [](double row, double a, double b) {
    return b + std::cos(2 * row) > 0.5 ? 2.0 : a > 0 ? 1.0 : 0.0;
  });
  expect_first_predictions(data, {},
                           {0.034001527422, 0.46297725111, 0.503021221468, 0.041186532053, 0.469368263486,
                            0.489445204461, 0.049791708451, 0.83047748315, 0.119730808399},
                           1e-5);
}

TEST(LinearReference, poisson) {
  const TrainingData data = labelled(TaskKind::regression, 0, [](double row, double a, double) {
    return std::floor(std::exp(a) + 2 * std::abs(std::sin(5 * row)));
  });
  expect_first_predictions(data, {{"family", std::string("poisson")}},
                           {2.405790128476, 3.063568486746, 3.465176782957}, 1e-6);
}

}  // namespace
}  // namespace astrolabe::linear
