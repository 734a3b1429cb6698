// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evaluate/column_score.h"

#include "tests/evaluate/made_data.h"
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace astrolabe {
namespace {

constexpr std::size_t kRows = 2000;

double score(const Column& column, const Labels& labels) {
  return score_alone(column, labels, split_in_halves(all_rows(column.rows()), Key::from_seed(1)));
}

TEST(Halves, are_a_partition_that_the_key_decides) {
  const Halves halves = split_in_halves(all_rows(kRows), Key::from_seed(1));
  EXPECT_EQ(halves.fitted.size() + halves.judged.size(), kRows);
  EXPECT_NEAR(static_cast<double>(halves.fitted.size()), kRows / 2.0, 100);
  EXPECT_EQ(halves.fitted, split_in_halves(all_rows(kRows), Key::from_seed(1)).fitted);
  EXPECT_NE(halves.fitted, split_in_halves(all_rows(kRows), Key::from_seed(2)).fitted);
}

TEST(ScoreAlone, of_noise_is_that_of_guessing) {
  const Column noise = numbers("x", normal_values(kRows, 1));
  EXPECT_NEAR(score(noise, class_labels(random_classes(kRows, 1))), 0.5, 0.06);
  EXPECT_LT(score(noise, regression_labels(normal_values(kRows, 2))), 0.02);
}

// Every cell is different, so a prediction judged on its own rows would be perfect.
TEST(ScoreAlone, of_memorised_cells_is_that_of_guessing) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kRows; ++i) names.push_back(fmt::format("row {}", i));
  EXPECT_NEAR(score(texts("x", names), class_labels(random_classes(kRows, 1))), 0.5, 1e-12);
  EXPECT_EQ(score(texts("x", names), regression_labels(normal_values(kRows, 1))), 0);
}

TEST(ScoreAlone, of_a_curved_copy_of_numbers_is_almost_one) {
  const std::vector<double> x = normal_values(kRows, 1);
  std::vector<double> y;
  for (const double value : x) y.push_back(std::tanh(value));
  EXPECT_GT(score(numbers("x", x), regression_labels(y)), 0.99);
}

TEST(ScoreAlone, of_a_straight_copy_with_a_heavy_tail_is_almost_one) {
  std::vector<double> x = normal_values(kRows, 1);
  for (double& value : x) value = std::exp(2 * value);
  std::vector<double> y;
  for (std::size_t i = 0; i < kRows; ++i) y.push_back(3 * x[i] + 1 + 0.001 * normal_values(kRows, 2)[i]);
  EXPECT_GT(score(numbers("x", x), regression_labels(y)), 0.999);
}

TEST(ScoreAlone, of_missing_cells_that_tell_the_class_is_one) {
  const Labels labels = class_labels(random_classes(kRows, 1));
  std::vector<double> x(kRows);
  for (std::size_t i = 0; i < kRows; ++i) x[i] = labels.values[i] == 1 ? kMissing : 1;
  EXPECT_EQ(score(numbers("x", x), labels), 1);
}

TEST(ScoreAlone, of_several_classes_is_the_share_of_errors_avoided) {
  std::vector<double> truth(kRows);
  std::vector<std::string> cells(kRows);
  for (std::size_t i = 0; i < kRows; ++i) {
    truth[i] = static_cast<double>(i % 3);
    cells[i] = i % 3 == 0 ? "zero" : "other";  // tells one class, and leaves two to chance
  }
  EXPECT_NEAR(score(categories("x", cells), class_labels(truth, 3)), 0.5, 0.05);
}

TEST(ScoreAlone, is_undefined_for_few_rows_and_for_a_class_with_hardly_any) {
  EXPECT_TRUE(std::isnan(score(numbers("x", normal_values(80, 1)), class_labels(random_classes(80, 1)))));
  std::vector<double> rare(kRows, 0);
  rare[0] = rare[1] = 1;
  EXPECT_TRUE(std::isnan(score(numbers("x", normal_values(kRows, 1)), class_labels(rare))));
  EXPECT_TRUE(std::isnan(
      score(numbers("x", normal_values(kRows, 1)), regression_labels(std::vector<double>(kRows, 3)))));
}

TEST(ScoreAlone, survives_infinities_and_empty_columns) {
  std::vector<double> x = normal_values(kRows, 1);
  x[0] = INFINITY;
  x[1] = -INFINITY;
  EXPECT_TRUE(std::isfinite(score(numbers("x", x), regression_labels(normal_values(kRows, 2)))));
  EXPECT_EQ(
      score(numbers("x", std::vector<double>(kRows, kMissing)), regression_labels(normal_values(kRows, 2))),
      0);
}

}  // namespace
}  // namespace astrolabe
