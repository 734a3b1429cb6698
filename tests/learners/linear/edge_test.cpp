// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "tests/learners/linear/sample.h"
#include "tests/support/patience.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe::linear {
namespace {

double r_squared(const Labels& labels, const std::vector<double>& found) {
  double mean = 0;
  for (const double value : labels.values) mean += value / static_cast<double>(labels.rows());
  double left = 0;
  double all = 0;
  for (std::size_t row = 0; row < labels.rows(); ++row) {
    left += std::pow(labels.values[row] - found[row], 2);
    all += std::pow(labels.values[row] - mean, 2);
  }
  return 1 - left / all;
}

bool all_finite(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

TEST(LinearEdges, features_that_are_copies_share_one_coefficient) {
  TrainingData data = make_sample({.dense = 2, .sparse = 0}, 1);
  const double alone = r_squared(data.labels, predict(*fit(data, {{"penalty", 1e-6}}), data.features));
  for (int copy = 0; copy < 5; ++copy) data.features.columns.push_back(data.features.columns[0]);
  const auto model = fit(data, {{"penalty", 1e-6}});
  EXPECT_NEAR(r_squared(data.labels, predict(*model, data.features)), alone, 1e-4);
  const std::vector<double> importance = model->importance();
  EXPECT_NEAR(importance[0], importance[3], 1e-3);
}

TEST(LinearEdges, no_penalty_to_speak_of_is_least_squares) {
  TrainingData data = make_sample({.dense = 3, .sparse = 0}, 2);
  for (std::size_t row = 0; row < data.labels.rows(); ++row)
    data.labels.values[row] =
        5 + 2.0 * data.features.columns[0].dense[row] - data.features.columns[2].dense[row];
  const auto found = predict(*fit(data, {{"penalty", 1e-10}}), data.features);
  for (std::size_t row = 0; row < found.size(); ++row) EXPECT_NEAR(found[row], data.labels.values[row], 1e-6);
}

TEST(LinearEdges, separable_classes_end_with_finite_scores) {
  TrainingData data = make_sample({.kind = TaskKind::binary, .dense = 2, .sparse = 0}, 3);
  for (std::size_t row = 0; row < data.labels.rows(); ++row)
    data.labels.values[row] = data.features.columns[0].dense[row] > 3 ? 1 : 0;
  for (const SettingValues& settings : {SettingValues{}, SettingValues{{"penalty", 1e-9}}}) {
    const auto found = predict(*fit(data, settings), data.features);
    for (std::size_t row = 0; row < found.size(); ++row)
      EXPECT_EQ(found[row] > 0.5, data.labels.values[row] == 1);
  }
}

TEST(LinearEdges, ten_thousand_sparse_columns_are_fitted_in_seconds) {
  TrainingData data;
  RandomStream random(Key::from_seed(4));
  constexpr std::size_t kRows = 5000;
  data.features.rows = kRows;
  data.features.columns.resize(10000);
  for (FeatureColumn& column : data.features.columns) column.is_sparse = true;
  data.labels.kind = TaskKind::binary;
  data.labels.classes = 2;
  for (std::uint32_t row = 0; row < kRows; ++row) {
    double score = 0;
    for (std::size_t group = 0; group < 10; ++group) {
      const std::size_t level = std::min(random.below(1000), random.below(1000));
      FeatureColumn& column = data.features.columns[group * 1000 + level];
      column.sparse_rows.push_back(row);
      column.sparse_values.push_back(1);
      score += group < 3 ? (level % 2 == 0 ? 1 : -1) : 0;
    }
    data.labels.values.push_back(random.uniform() < 1 / (1 + std::exp(-score)) ? 1 : 0);
  }
  for (const double l1_ratio : {0.0, 0.9}) {
    const auto start = std::chrono::steady_clock::now();
    const auto model = fit(data, {{"l1_ratio", l1_ratio}});
    EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
              60 * kPatience);
    const auto found = predict(*model, data.features);
    std::size_t right = 0;
    for (std::size_t row = 0; row < kRows; ++row)
      right += (found[row] > 0.5) == (data.labels.values[row] == 1) ? 1 : 0;
    EXPECT_GT(right, kRows * 6 / 10);
  }
}

TEST(LinearEdges, the_largest_features_and_labels_stay_finite) {
  TrainingData data = make_sample({.dense = 3, .sparse = 2}, 5);
  for (float& value : data.features.columns[0].dense) value *= 1e37F;
  for (float& value : data.features.columns[1].dense) value *= 1e-37F;
  for (double& label : data.labels.values) label *= 1e307;
  const auto found = predict(*fit(data, {}), data.features);
  EXPECT_TRUE(all_finite(found));
  EXPECT_GT(*std::max_element(found.begin(), found.end()), 1e306);
}

TEST(LinearEdges, the_smallest_labels_keep_their_signal) {
  TrainingData data = make_sample({}, 6);
  const double expected = r_squared(data.labels, predict(*fit(data, {{"penalty", 0.01}}), data.features));
  for (double& label : data.labels.values) label *= 1e-150;
  std::vector<double> found = predict(*fit(data, {{"penalty", 0.01}}), data.features);
  for (double& value : found) value *= 1e150;
  for (double& label : data.labels.values) label *= 1e150;
  EXPECT_NEAR(r_squared(data.labels, found), expected, 1e-9);
}

TEST(LinearEdges, a_far_off_centre_costs_no_digits) {
  TrainingData data = make_sample({.dense = 2, .sparse = 0}, 7);
  const auto near = predict(*fit(data, {{"penalty", 0.01}}), data.features);
  // 2^13 apart a float still tells 1/1024 steps.
  for (float& value : data.features.columns[0].dense) value = std::round(value * 256) / 256;
  const auto rounded = predict(*fit(data, {{"penalty", 0.01}}), data.features);
  for (float& value : data.features.columns[0].dense) value += 8192;
  const auto far = predict(*fit(data, {{"penalty", 0.01}}), data.features);
  for (std::size_t row = 0; row < far.size(); ++row) EXPECT_NEAR(far[row], rounded[row], 1e-8);
}

TEST(LinearEdges, a_class_that_no_row_has_is_unlikely_everywhere) {
  TrainingData data = make_sample({.kind = TaskKind::multiclass, .classes = 4}, 8);
  for (double& label : data.labels.values) label = std::min(label, 2.0);
  const auto found = predict(*fit(data, {{"penalty", 0.01}}), data.features);
  for (std::size_t row = 0; row < data.labels.rows(); ++row) {
    EXPECT_GT(found[row * 4 + 3], 0);
    EXPECT_LT(found[row * 4 + 3], 0.1);
  }
}

TEST(LinearEdges, a_poisson_prediction_far_outside_is_at_most_ten_times_the_largest_label) {
  const TrainingData data = make_sample({.counts = true}, 9);
  const double largest = *std::max_element(data.labels.values.begin(), data.labels.values.end());
  const auto model = fit(data, {{"family", std::string("poisson")}, {"penalty", 0.01}});
  FeatureMatrix far = data.features;
  for (float& value : far.columns[0].dense) value = 1e6F;
  const auto found = predict(*model, far);
  EXPECT_DOUBLE_EQ(*std::max_element(found.begin(), found.end()), 10 * largest);
}

TEST(LinearEdges, counts_that_are_all_zero_are_predicted_near_zero) {
  TrainingData data = make_sample({.counts = true}, 10);
  std::fill(data.labels.values.begin(), data.labels.values.end(), 0.0);
  const auto found = predict(*fit(data, {{"family", std::string("poisson")}}), data.features);
  for (const double value : found) EXPECT_TRUE(value >= 0 && value < 0.01) << value;
}

TEST(LinearEdges, a_deadline_in_the_middle_gives_a_model_that_says_so) {
  const TrainingData data =
      make_sample({.kind = TaskKind::multiclass, .rows = 20000, .dense = 60, .classes = 6}, 11);
  const auto model = fit(data, {}, nullptr, Budget({.seconds = 0.1}));
  EXPECT_TRUE(model->was_cut_short());
  EXPECT_TRUE(all_finite(predict(*model, data.features)));
}

}  // namespace
}  // namespace astrolabe::linear
