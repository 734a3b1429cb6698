// SPDX-License-Identifier: Apache-2.0
#include "tests/contracts/learner_contract.h"

#include <cmath>
#include <numeric>
#include <thread>

#include "astrolabe/base/error.h"
#include "astrolabe/learners/baseline/baseline.h"

namespace astrolabe {
namespace {

// Mean squared error for numbers, mean log loss for classes.
double mean_loss(const Labels& labels, std::span<const double> prediction) {
  double total = 0;
  for (std::size_t row = 0; row < labels.rows(); ++row) {
    const double truth = labels.values[row];
    if (labels.kind == TaskKind::regression) {
      total += std::pow(truth - prediction[row], 2);
    } else {
      const double p = labels.kind == TaskKind::binary
                           ? (truth == 1 ? prediction[row] : 1 - prediction[row])
                           : prediction[row * labels.classes + static_cast<std::size_t>(truth)];
      total -= std::log(std::max(p, 1e-12));
    }
  }
  return total / static_cast<double>(labels.rows());
}

double largest_difference(std::span<const double> a, std::span<const double> b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

// The standard deviation of the labels of a regression; 1 for probabilities.
double spread(const Labels& labels) {
  if (labels.kind != TaskKind::regression) return 1;
  const auto rows = static_cast<double>(labels.rows());
  const double mean = std::accumulate(labels.values.begin(), labels.values.end(), 0.0) / rows;
  double total = 0;
  for (const double value : labels.values) total += (value - mean) * (value - mean);
  return std::sqrt(total / rows);
}

TEST_P(LearnerContract, fits_the_same_bytes_on_any_number_of_threads) {
  const TrainingData train = data();
  ThreadPool one(1), two(2), seven(7);
  const std::string bytes = save(*fit_in(one, train));
  EXPECT_EQ(bytes, save(*fit_in(two, train)));
  EXPECT_EQ(bytes, save(*fit_in(seven, train)));
}

TEST_P(LearnerContract, fits_the_same_bytes_again) {
  const TrainingData train = data();
  const auto first = fit(train);
  const auto other = fit(data(200, 9), 2);
  EXPECT_EQ(save(*first), save(*fit(train)));
}

TEST_P(LearnerContract, fits_from_two_threads_at_once_as_from_one) {
  const TrainingData train = data();
  const std::string expected = save(*fit(train));
  std::string left, right;
  const auto work = [&](std::string& bytes) {
    ThreadPool own(1);
    bytes = save(*fit_in(own, train));
  };
  std::thread other(work, std::ref(left));
  work(right);
  other.join();
  EXPECT_EQ(left, expected);
  EXPECT_EQ(right, expected);
}

TEST_P(LearnerContract, predicts_valid_numbers) {
  const auto model = fit(data());
  EXPECT_EQ(model->outputs(), kind() == TaskKind::multiclass ? 3u : 1u);
  expect_valid(kind(), model->outputs(), predict(*model, data(100, 2).features));
}

TEST_P(LearnerContract, beats_the_baseline_on_rows_it_has_not_seen) {
  if (!GetParam().entry.learns) GTEST_SKIP() << "it looks at no feature";
  const TrainingData train = data(600);
  const TrainingData test = data(600, 2);
  const Budget budget;
  const auto floor = baseline_learner().fit(
      {.train = train, .settings = {}, .key = Key::from_seed(1), .pool = pool_, .budget = budget});
  const double loss = mean_loss(test.labels, predict(*fit(train), test.features));
  EXPECT_LT(loss, 0.75 * mean_loss(test.labels, predict(*floor, test.features)));
}

TEST_P(LearnerContract, predicts_a_row_alike_in_any_order_and_block) {
  const auto model = fit(data());
  const FeatureMatrix features = data(101, 2).features;
  const std::vector<double> whole = predict(*model, features);
  const std::size_t outputs = model->outputs();

  std::vector<std::uint32_t> order(features.rows);
  std::iota(order.begin(), order.end(), 0);
  RandomStream random(Key::from_seed(3));
  random.shuffle(order);
  const std::vector<double> shuffled = predict(*model, features.take_rows(order));
  for (std::size_t at = 0; at < order.size(); ++at) {
    const std::vector<double> alone = predict(*model, features.take_rows(std::span(order).subspan(at, 1)));
    for (std::size_t k = 0; k < outputs; ++k) {
      ASSERT_EQ(shuffled[at * outputs + k], whole[order[at] * outputs + k]);
      ASSERT_EQ(alone[k], whole[order[at] * outputs + k]);
    }
  }
}

TEST_P(LearnerContract, importance_is_a_share_per_feature) {
  const TrainingData train = data();
  const std::vector<double> importance = fit(train)->importance();
  ASSERT_EQ(importance.size(), train.features.features());
  for (const double share : importance) EXPECT_TRUE(share >= 0 && share <= 1) << share;
  const double total = std::accumulate(importance.begin(), importance.end(), 0.0);
  EXPECT_NEAR(total, GetParam().entry.learns ? 1.0 : 0.0, 1e-9);
  if (GetParam().entry.learns) {
    EXPECT_GT(importance[0], importance[3]) << "noise above the strongest feature";
  }
}

TEST_P(LearnerContract, rows_that_weigh_nothing_do_not_matter) {
  TrainingData train = data();
  train.labels.weights.assign(train.labels.rows(), 1.0);
  std::vector<std::uint32_t> kept;
  for (std::uint32_t row = 0; row < train.labels.rows(); ++row) {
    if (row % 3 != 1) {
      kept.push_back(row);
      continue;
    }
    train.labels.weights[row] = 0;
    train.labels.values[row] = kind() == TaskKind::regression ? 1e4 : 0;
  }
  const FeatureMatrix fresh = data(100, 2).features;
  const TrainingData without = take_rows(train, kept);
  EXPECT_LT(largest_difference(predict(*fit(train), fresh), predict(*fit(without), fresh)),
            GetParam().entry.weight_tolerance * spread(without.labels));
}

TEST_P(LearnerContract, a_row_that_weighs_two_is_a_row_twice) {
  TrainingData train = data();
  std::vector<std::uint32_t> repeated;
  for (std::uint32_t row = 0; row < train.labels.rows(); ++row) {
    train.labels.weights.push_back(1.0 + row % 2);
    for (std::uint32_t copy = 0; copy < 1 + row % 2; ++copy) repeated.push_back(row);
  }
  TrainingData twice = take_rows(train, repeated);
  twice.labels.weights.clear();
  const FeatureMatrix fresh = data(100, 2).features;
  EXPECT_LT(largest_difference(predict(*fit(train), fresh), predict(*fit(twice), fresh)),
            GetParam().entry.weight_tolerance * spread(train.labels));
}

TEST_P(LearnerContract, the_settings_found_reproduce_a_watched_fit_without_watching) {
  const TrainingData train = data();
  const TrainingData watch = data(150, 2);
  const Budget budget;
  SettingValues settings = GetParam().entry.settings;
  const auto watched = learner().fit({.train = train,
                                      .watch = &watch,
                                      .settings = settings,
                                      .key = Key::from_seed(1),
                                      .pool = pool_,
                                      .budget = budget});
  for (const auto& [name, value] : watched->settings_found()) settings[name] = value;
  const auto again = learner().fit(
      {.train = train, .settings = settings, .key = Key::from_seed(1), .pool = pool_, .budget = budget});
  const FeatureMatrix fresh = data(100, 3).features;
  EXPECT_LT(largest_difference(predict(*watched, fresh), predict(*again, fresh)),
            1e-3 * spread(train.labels));
}

TEST_P(LearnerContract, reports_progress_that_only_grows) {
  std::vector<double> fractions;
  const TrainingData train = data();
  const Budget budget;
  (void)learner().fit({.train = train,
                       .settings = GetParam().entry.settings,
                       .key = Key::from_seed(1),
                       .pool = pool_,
                       .budget = budget,
                       .progress = [&](double fraction) { fractions.push_back(fraction); }});
  for (std::size_t i = 0; i < fractions.size(); ++i) {
    EXPECT_TRUE(fractions[i] >= 0 && fractions[i] <= 1) << fractions[i];
    if (i > 0) {
      EXPECT_GE(fractions[i], fractions[i - 1]);
    }
  }
}

TEST_P(LearnerContract, refuses_settings_that_it_does_not_have) {
  const TrainingData train = data(30);
  const Budget budget;
  const auto kind_of_error = [&](const SettingValues& settings) {
    try {
      (void)learner().fit(
          {.train = train, .settings = settings, .key = Key::from_seed(1), .pool = pool_, .budget = budget});
    } catch (const Error& error) {
      return error.kind();
    }
    return ErrorKind::failure;
  };
  EXPECT_EQ(kind_of_error({{"no_such_setting", 1.0}}), ErrorKind::usage);
  for (const SettingField& field : learner().fields()) {
    const bool is_text = std::holds_alternative<std::string>(field.default_value);
    const SettingValue wrong = is_text ? SettingValue(true) : SettingValue(std::string("wrong"));
    EXPECT_EQ(kind_of_error({{std::string(field.name), wrong}}), ErrorKind::usage) << field.name;
    if (is_text && !field.choices.empty()) {
      EXPECT_EQ(kind_of_error({{std::string(field.name), std::string("no such choice")}}), ErrorKind::usage);
    }
    if (std::holds_alternative<double>(field.default_value) && std::isfinite(field.high)) {
      EXPECT_EQ(kind_of_error({{std::string(field.name), 2 * std::abs(field.high) + 1}}), ErrorKind::usage);
    }
    if (std::holds_alternative<std::int64_t>(field.default_value) && std::isfinite(field.low)) {
      EXPECT_EQ(kind_of_error({{std::string(field.name), static_cast<std::int64_t>(field.low) - 1}}),
                ErrorKind::usage);
    }
  }
}

TEST_P(LearnerContract, documents_itself_and_its_settings) {
  EXPECT_FALSE(learner().name().empty());
  EXPECT_TRUE(learner().doc().ends_with('.'));
  for (const SettingField& field : learner().fields()) EXPECT_TRUE(field.doc.ends_with('.')) << field.name;
  EXPECT_FALSE(fit(data(50))->summary().empty());
}

}  // namespace
}  // namespace astrolabe
