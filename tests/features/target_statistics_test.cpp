// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/features/target_statistics.h"

#include <array>
#include <cmath>

#include "tests/features/tables.h"
#include <gtest/gtest.h>

namespace astrolabe::testing {
namespace {

// Fits the family alone: fit_encoder uses it only above a number of levels.
FittedColumn fit(const Column& column, const Labels& labels, EncodingNeeds needs = kTreesNeeds) {
  std::vector<RowIndex> rows(column.codes.size());
  std::iota(rows.begin(), rows.end(), RowIndex{0});
  const std::vector<std::uint8_t> folds = deal_folds(labels, Key::from_seed(7));
  return fit_target_statistics(
      {.column = column, .rows = rows, .labels = labels, .folds = folds, .needs = needs});
}

std::vector<float> encode(const FittedColumn& fitted, const Column& column, std::size_t feature = 0) {
  std::vector<RowIndex> rows(column.codes.size());
  std::iota(rows.begin(), rows.end(), RowIndex{0});
  return values_of(fitted.encoder->encode(column, rows).at(feature), rows.size());
}

TEST(TargetStatistics, shrink_the_mean_of_a_level_towards_that_of_all) {
  const Column column = levels("c", {"a", "a", "a", "b", "b", "b", "b", "b", "b", "b"});
  const FittedColumn fitted = fit(column, regression({6, 9, 15, 1, 1, 1, 1, 1, 1, 1}));
  // The mean of all is 37 / 10; a: (30 + 37) / 13, b: (7 + 37) / 17.
  const std::vector<float> encoded = encode(fitted, levels("c", {"a", "b", "new", ""}));
  EXPECT_FLOAT_EQ(encoded[0], 67.0F / 13);
  EXPECT_FLOAT_EQ(encoded[1], 44.0F / 17);
  EXPECT_FLOAT_EQ(encoded[2], 3.7F);
  EXPECT_FLOAT_EQ(encoded[3], 3.7F);
}

TEST(TargetStatistics, respect_weights) {
  const Column column = levels("c", {"a", "a", "b", "b"});
  Labels labels = regression({1, 3, 5, 100});
  labels.weights = {3, 1, 2, 0};
  const std::vector<float> encoded = encode(fit(column, labels), levels("c", {"a", "b"}));
  const double prior = (3 + 3 + 10) / 6.0;
  EXPECT_FLOAT_EQ(encoded[0], static_cast<float>((6 + 10 * prior) / 14));
  EXPECT_FLOAT_EQ(encoded[1], static_cast<float>((10 + 10 * prior) / 12));
}

TEST(TargetStatistics, without_any_weight_stay_finite) {
  Labels labels = regression({1, 3, 5, 100});
  labels.weights = {0, 0, 0, 0};
  EXPECT_EQ(fit(levels("c", {"a", "a", "b", "b"}), labels).encoder, nullptr);
}

TEST(TargetStatistics, take_missing_as_a_level) {
  const Column column = levels("c", {"", "", "a", "a"});
  const std::vector<float> encoded = encode(fit(column, regression({8, 8, 0, 0})), levels("c", {"", "a"}));
  EXPECT_FLOAT_EQ(encoded[0], (16.0F + 40) / 12);
  EXPECT_FLOAT_EQ(encoded[1], 40.0F / 12);
}

TEST(TargetStatistics, of_a_fitting_row_leave_its_fold_out) {
  const Column column = levels("c", {"a", "a", "a", "a", "a", "b", "b", "b", "b", "b"});
  const Labels labels = regression({1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  const std::vector<std::uint8_t> folds = deal_folds(labels, Key::from_seed(7));
  const std::vector<float> train = values_of(fit(column, labels).train.at(0), 10);
  for (std::size_t row = 0; row < 10; ++row) {
    double all = 0, rows = 0, level = 0, level_rows = 0;
    for (std::size_t other = 0; other < 10; ++other) {
      if (folds[other] == folds[row]) continue;
      all += labels.values[other];
      rows += 1;
      if (column.codes[other] != column.codes[row]) continue;
      level += labels.values[other];
      level_rows += 1;
    }
    EXPECT_FLOAT_EQ(train[row], static_cast<float>((level + 10 * all / rows) / (level_rows + 10)));
  }
}

TEST(TargetStatistics, of_fitting_rows_differ_from_encoding_them) {
  const Table table = many_levels_table();
  const FittedEncoding fitted = fit_all(table, kTreesNeeds);
  EXPECT_NE(values_of(fitted.train, "shop.target_share"),
            values_of(encode_all(*fitted.encoder, table), "shop.target_share"));
  EXPECT_EQ(values_of(fitted.train, "shop"), values_of(encode_all(*fitted.encoder, table), "shop"));
}

TEST(TargetStatistics, are_one_per_class_but_the_first) {
  Labels labels = regression({0, 1, 2, 0, 1, 2, 2, 2});
  labels.kind = TaskKind::multiclass;
  labels.classes = 3;
  const FittedColumn fitted = fit(levels("c", {"a", "b", "c", "a", "b", "c", "a", "b"}), labels);
  ASSERT_EQ(fitted.encoder->features().size(), 2U);
  EXPECT_EQ(fitted.encoder->features()[0].name, "c.target_share_1");
  EXPECT_EQ(fitted.encoder->features()[1].name, "c.target_share_2");
  // Class 2: all 4 of 8, "c" 2 of 2.
  EXPECT_FLOAT_EQ(encode(fitted, levels("c", {"c"}), 1)[0], (2.0F + 5) / 12);
}

TEST(TargetStatistics, of_many_classes_are_those_of_the_nine_heaviest) {
  Labels labels = regression({});
  std::vector<std::string> cells;
  for (std::size_t i = 0; i < 600; ++i) {
    labels.values.push_back(static_cast<double>(i % 20 < 11 ? i % 11 + 9 : i % 20));
    cells.push_back("level" + std::to_string(i % 7));
  }
  labels.kind = TaskKind::multiclass;
  labels.classes = 20;
  EXPECT_EQ(fit(levels("c", cells), labels).encoder->features().size(), 9U);
}

TEST(TargetStatistics, are_log_odds_for_learners_that_want_standardised) {
  const Column column = levels("c", {"a", "a", "a", "a", "a", "b", "b", "b", "b", "b"});
  const Labels labels = binary({1, 1, 1, 1, 0, 0, 0, 0, 1, 0});
  const FittedColumn fitted = fit(column, labels, kLinearNeeds);
  const std::vector<float> encoded = encode(fitted, levels("c", {"a", "b", "new"}));
  // a: (4 + 5) / 15 = 0.6 and b: (1 + 5) / 15 = 0.4 are as far from the prior's even odds, before centring.
  EXPECT_NEAR(encoded[0] - encoded[2], encoded[2] - encoded[1], 1e-5);
  EXPECT_GT(encoded[0], encoded[1]);
}

TEST(DealFolds, deals_equal_folds_of_like_labels) {
  std::vector<double> values(1000, 0.0);
  for (std::size_t i = 0; i < 100; ++i) values[i * 10] = 1;
  const std::vector<std::uint8_t> folds = deal_folds(binary(values), Key::from_seed(3));
  std::array<int, kStatisticsFolds> rows{};
  std::array<int, kStatisticsFolds> positives{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    ++rows.at(folds[i]);
    positives.at(folds[i]) += values[i] == 1 ? 1 : 0;
  }
  for (const int count : rows) EXPECT_EQ(count, 200);
  for (const int count : positives) EXPECT_EQ(count, 20);
}

TEST(DealFolds, depends_on_the_key) {
  const Labels labels = alternating(100);
  EXPECT_EQ(deal_folds(labels, Key::from_seed(1)), deal_folds(labels, Key::from_seed(1)));
  EXPECT_NE(deal_folds(labels, Key::from_seed(1)), deal_folds(labels, Key::from_seed(2)));
}

}  // namespace
}  // namespace astrolabe::testing
