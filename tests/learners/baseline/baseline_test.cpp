// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/baseline/baseline.h"

#include <cmath>

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

std::vector<double> answer(Labels labels, const SettingValues& settings = {}) {
  TrainingData data{.features = {}, .labels = std::move(labels)};
  data.features.rows = data.labels.rows();
  ThreadPool pool(1);
  const Budget budget;
  const auto model = baseline_learner().fit(
      {.train = data, .settings = settings, .key = Key::from_seed(1), .pool = pool, .budget = budget});
  FeatureMatrix one{.rows = 1, .info = nullptr, .columns = {}};
  std::vector<double> out(model->outputs());
  model->predict(one, out);
  return out;
}

Labels numbers(std::vector<double> values, std::vector<double> weights = {}) {
  return {
      .kind = TaskKind::regression, .classes = 0, .values = std::move(values), .weights = std::move(weights)};
}

const SettingValues kMedian{{"statistic", std::string("median")}};

TEST(Baseline, of_numbers_is_the_weighted_mean) {
  EXPECT_DOUBLE_EQ(answer(numbers({1, 2, 6}))[0], 3);
  EXPECT_DOUBLE_EQ(answer(numbers({1, 2, 6}, {1, 1, 2}))[0], 3.75);
}

TEST(Baseline, of_numbers_may_be_the_weighted_median) {
  EXPECT_DOUBLE_EQ(answer(numbers({9, 1, 2}), kMedian)[0], 2);
  EXPECT_DOUBLE_EQ(answer(numbers({1, 2, 3, 10}), kMedian)[0], 2.5);
  EXPECT_DOUBLE_EQ(answer(numbers({1, 2, 3}, {1, 1, 5}), kMedian)[0], 3);
  EXPECT_DOUBLE_EQ(answer(numbers({7, 100}, {1, 0}), kMedian)[0], 7);
}

TEST(Baseline, of_two_classes_is_the_share_of_class_one) {
  EXPECT_DOUBLE_EQ(answer({.kind = TaskKind::binary, .classes = 2, .values = {0, 1, 1, 1}, .weights = {}})[0],
                   0.75);
}

TEST(Baseline, of_many_classes_is_the_share_of_each) {
  const auto shares =
      answer({.kind = TaskKind::multiclass, .classes = 3, .values = {0, 2, 2}, .weights = {2, 1, 1}});
  EXPECT_EQ(shares, (std::vector<double>{0.5, 0, 0.5}));
}

TEST(Baseline, of_rows_that_all_weigh_nothing_counts_them_alike) {
  EXPECT_DOUBLE_EQ(answer(numbers({1, 3}, {0, 0}))[0], 2);
}

TEST(Baseline, of_the_largest_numbers_is_finite) {
  EXPECT_DOUBLE_EQ(answer(numbers({1.7e308, 1.7e308}))[0], 1.7e308);
  EXPECT_DOUBLE_EQ(answer(numbers({-1.7e308, 1.7e308}), kMedian)[0], 0);
}

TEST(Baseline, refuses_a_file_whose_shares_do_not_sum_to_one) {
  ArchiveWriter archive;
  archive.put(static_cast<std::uint8_t>(TaskKind::multiclass));
  archive.put(false);
  archive.put<std::uint64_t>(0);
  archive.put_array<double>(std::vector{0.5, 0.2, 0.1});
  ArchiveReader reader(archive.bytes());
  try {
    (void)baseline_learner().load(reader, 0, 3);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    EXPECT_NE(std::string(error.what()).find("the shares of a baseline"), std::string::npos);
  }
}

}  // namespace
}  // namespace astrolabe
