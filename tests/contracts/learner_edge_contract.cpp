// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <limits>

#include "tests/contracts/learner_contract.h"
#include "tests/support/patience.h"

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

// Far above what a fit that looks at its budget takes, far below what one that ignores it may.
constexpr double kPromptSeconds = 5 * kPatience;

double seconds_of(const std::function<void()>& body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

FeatureMatrix no_features(std::size_t rows) {
  return {.rows = rows, .info = std::make_shared<const std::vector<Feature>>(), .columns = {}};
}

TEST_P(LearnerContract, fits_without_features) {
  TrainingData train = data(50);
  // Pictures, for whom they are there, are no features.
  FeatureMatrix fresh = no_features(4);
  fresh.pixels = data(4, 2).features.pixels;
  const Pixels pictures = train.features.pixels;
  train.features = no_features(50);
  train.features.pixels = pictures;
  const auto model = fit(train);
  expect_valid(kind(), model->outputs(), predict(*model, fresh));
  EXPECT_TRUE(model->importance().empty());
}

TEST_P(LearnerContract, predicts_no_rows) {
  const auto model = fit(data(50));
  EXPECT_TRUE(predict(*model, data(50).features.take_rows({})).empty());
}

TEST_P(LearnerContract, fits_constant_features) {
  TrainingData train = data(60);
  for (FeatureColumn& column : train.features.columns) {
    column.dense.assign(column.is_sparse ? 0 : 60, 2.0F);
    column.sparse_rows.clear();
    column.sparse_values.clear();
  }
  std::ranges::fill(train.features.pixels.bytes, std::uint8_t{7});
  const auto model = fit(train);
  const std::vector<double> prediction = predict(*model, train.features);
  expect_valid(kind(), model->outputs(), prediction);
  for (std::size_t at = model->outputs(); at < prediction.size(); ++at)
    ASSERT_EQ(prediction[at], prediction[at - model->outputs()]);
}

TEST_P(LearnerContract, predicts_rows_of_nothing_but_missing_values) {
  if (!learner().needs().native_missing) GTEST_SKIP() << "its features never hold NaN";
  const auto model = fit(data());
  FeatureMatrix features = data(20, 2).features;
  for (FeatureColumn& column : features.columns) {
    if (column.is_sparse) column = FeatureColumn{};
    column.dense.assign(20, NAN);
  }
  expect_valid(kind(), model->outputs(), predict(*model, features));
}

TEST_P(LearnerContract, fits_a_column_of_nothing_but_missing_values) {
  if (!learner().needs().native_missing) GTEST_SKIP() << "its features never hold NaN";
  TrainingData train = data(60);
  train.features.columns[0].dense.assign(60, NAN);
  const auto model = fit(train);
  expect_valid(kind(), model->outputs(), predict(*model, data(20, 2).features));
}

TEST_P(LearnerContract, predicts_categories_that_training_never_saw) {
  const auto model = fit(data());
  TrainingData test = data(20, 2);
  for (std::size_t feature = 0; feature < test.features.features(); ++feature) {
    if ((*test.features.info)[feature].source != "color") continue;
    FeatureColumn& column = test.features.columns[feature];
    column.sparse_rows.clear();
    column.sparse_values.clear();
    for (std::size_t row = 0; row < column.dense.size(); ++row) column.dense[row] = row % 2 == 0 ? 6.0F : NAN;
  }
  expect_valid(kind(), model->outputs(), predict(*model, test.features));
}

TEST_P(LearnerContract, predicts_the_largest_inputs) {
  const auto model = fit(data());
  FeatureMatrix features = data(20, 2).features;
  for (std::size_t row = 0; row < 20; ++row) {
    const float sign = row % 2 == 0 ? 1.0F : -1.0F;
    features.columns[0].dense[row] = sign * std::numeric_limits<float>::max();
    features.columns[1].dense[row] = std::numeric_limits<float>::max();
  }
  expect_valid(kind(), model->outputs(), predict(*model, features));
}

TEST_P(LearnerContract, fits_one_row) {
  const auto model = fit(data(1));
  expect_valid(kind(), model->outputs(), predict(*model, data(10, 2).features));
}

TEST_P(LearnerContract, fits_one_row_per_class) {
  TrainingData train = data(3);
  if (kind() != TaskKind::regression) {
    if (kind() == TaskKind::binary) train = data(2);
    for (std::size_t row = 0; row < train.labels.rows(); ++row)
      train.labels.values[row] = static_cast<double>(row);
  }
  const auto model = fit(train);
  expect_valid(kind(), model->outputs(), predict(*model, data(10, 2).features));
}

TEST_P(LearnerContract, fits_labels_that_are_all_alike) {
  TrainingData train = data(60);
  train.labels.values.assign(60, 1.0);
  const auto model = fit(train);
  const std::vector<double> prediction = predict(*model, data(10, 2).features);
  expect_valid(kind(), model->outputs(), prediction);
  const std::size_t outputs = model->outputs();
  for (std::size_t row = 0; row < 10; ++row)
    EXPECT_NEAR(prediction[row * outputs + (outputs > 1 ? 1 : 0)], 1.0, 0.1);
}

TEST_P(LearnerContract, fits_rows_that_all_weigh_nothing) {
  TrainingData train = data(60);
  train.labels.weights.assign(60, 0.0);
  const auto model = fit_within(Budget(), train);
  if (model != nullptr) expect_valid(kind(), model->outputs(), predict(*model, data(10, 2).features));
}

TEST_P(LearnerContract, with_no_time_left_returns_a_model_or_gives_up_at_once) {
  const TrainingData train = data(2000);
  std::unique_ptr<const Model> model;
  EXPECT_LT(seconds_of([&] { model = fit_within(Budget({.seconds = 0}), train); }), kPromptSeconds);
  if (model != nullptr) expect_valid(kind(), model->outputs(), predict(*model, train.features));
}

TEST_P(LearnerContract, told_to_stop_returns_a_model_or_gives_up_at_once) {
  const TrainingData train = data(2000);
  std::unique_ptr<const Model> model;
  request_cancel(SIGINT);
  EXPECT_LT(seconds_of([&] { model = fit_within(Budget(), train); }), kPromptSeconds);
  clear_cancel();
  if (model != nullptr) expect_valid(kind(), model->outputs(), predict(*model, train.features));
}

}  // namespace
}  // namespace astrolabe
