// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "tests/learners/trees/tables.h"
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "astrolabe/learners/trees/trees.h"

namespace astrolabe::trees {
namespace {

using namespace testing;  // NOLINT: the tables of these tests

TableShape any_shape() {
  return {.rows = *rc::gen::inRange<std::size_t>(1, 400),
          .numeric = *rc::gen::inRange<std::size_t>(0, 4),
          .categorical = *rc::gen::inRange<std::size_t>(0, 3),
          .categories = *rc::gen::inRange<std::uint32_t>(1, 400),
          .missing = *rc::gen::element(0.0, 0.1, 1.0),
          .zeros = *rc::gen::element(0.0, 0.5),
          .levels = *rc::gen::element<std::size_t>(0, 1, 2, 20)};
}

SettingValues any_settings() {
  return {{"rounds", std::int64_t{6}},
          {"growth", *rc::gen::element(std::string("best_first"), std::string("depth_wise"))},
          {"max_leaves", *rc::gen::element<std::int64_t>(2, 7, 64)},
          {"max_depth", *rc::gen::element<std::int64_t>(0, 1, 5)},
          {"max_bins", *rc::gen::element<std::int64_t>(2, 17, 255)},
          {"min_rows", *rc::gen::element<std::int64_t>(1, 20)},
          {"min_hessian", *rc::gen::element(0.0, 1e-3, 5.0)},
          {"l1", *rc::gen::element(0.0, 0.7)},
          {"l2", *rc::gen::element(0.0, 3.0)},
          {"row_sample", *rc::gen::element(0.3, 1.0)},
          {"column_sample", *rc::gen::element(0.3, 1.0)}};
}

struct Fitted {
  TrainingData data;
  std::unique_ptr<const Model> model;
  std::vector<double> out;
};

Fitted any_fit() {
  Fitted fitted;
  const auto kind = *rc::gen::element(TaskKind::regression, TaskKind::binary, TaskKind::multiclass);
  const std::size_t classes = kind == TaskKind::multiclass ? 3 : 2;
  const Key key = Key::from_seed(*rc::gen::arbitrary<std::uint64_t>());
  fitted.data.features = random_table(any_shape(), key);
  fitted.data.labels = labels_for(fitted.data.features, kind, classes, key.split(1));
  if (*rc::gen::arbitrary<bool>())
    for (std::size_t row = 0; row < fitted.data.features.rows; ++row)
      fitted.data.labels.weights.push_back(std::floor(3 * random_uniform(key.split(2), row)));
  ThreadPool pool(*rc::gen::inRange<std::size_t>(1, 4));
  const SettingValues settings = any_settings();
  const Budget budget;
  fitted.model = trees_learner().fit(
      {.train = fitted.data, .settings = settings, .key = key, .pool = pool, .budget = budget});
  fitted.out.resize(fitted.data.features.rows * fitted.model->outputs());
  fitted.model->predict(fitted.data.features, fitted.out);
  return fitted;
}

RC_GTEST_PROP(TreesProperty, predictions_are_finite_and_probabilities_sum_to_one, ()) {
  const Fitted fitted = any_fit();
  const std::size_t outputs = fitted.model->outputs();
  for (const double value : fitted.out) RC_ASSERT(std::isfinite(value));
  if (fitted.data.labels.kind == TaskKind::regression) return;
  for (std::size_t row = 0; row < fitted.data.features.rows; ++row) {
    double sum = 0;
    for (std::size_t k = 0; k < outputs; ++k) {
      RC_ASSERT(fitted.out[row * outputs + k] >= 0 && fitted.out[row * outputs + k] <= 1);
      sum += fitted.out[row * outputs + k];
    }
    if (outputs > 1) RC_ASSERT(std::abs(sum - 1) < 1e-12);
  }
}

RC_GTEST_PROP(TreesProperty, regression_stays_within_the_range_of_the_targets, ()) {
  const Fitted fitted = any_fit();
  if (fitted.data.labels.kind != TaskKind::regression) return;
  // Each step of squared loss moves at most to the mean of a leaf's rows, so by induction within twice the
  // range.
  const auto [low, high] = std::ranges::minmax(fitted.data.labels.values);
  const double room = high - low + 1e-6;
  for (const double value : fitted.out) RC_ASSERT(value >= low - room && value <= high + room);
}

RC_GTEST_PROP(TreesProperty, a_monotone_change_of_a_column_changes_no_training_prediction, ()) {
  const Key key = Key::from_seed(*rc::gen::arbitrary<std::uint64_t>());
  TrainingData data;
  data.features = random_table({.rows = 200, .numeric = 3, .missing = 0.1, .levels = 30}, key);
  data.labels = labels_for(data.features, TaskKind::regression, 0, key.split(1));
  TrainingData bent = data;
  for (float& value : bent.features.columns[1].dense) value = value * value * value + 5 * value - 3;
  ThreadPool pool(1);
  const SettingValues settings = {{"rounds", std::int64_t{5}}};
  const Budget budget;
  std::vector<std::vector<double>> outs;
  for (const TrainingData* train : {&data, &bent}) {
    const auto model = trees_learner().fit(
        {.train = *train, .settings = settings, .key = key, .pool = pool, .budget = budget});
    outs.emplace_back(200);
    model->predict(train->features, outs.back());
  }
  RC_ASSERT(outs[0] == outs[1]);
}

}  // namespace
}  // namespace astrolabe::trees
