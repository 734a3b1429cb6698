// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/model/feature_matrix.h"

#include <array>

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

FeatureMatrix sample() {
  FeatureMatrix matrix{.rows = 4, .info = nullptr, .columns = {}};
  matrix.columns.push_back({.dense = {1, 2, 3, 4}, .sparse_rows = {}, .sparse_values = {}});
  matrix.columns.push_back(
      {.dense = {}, .sparse_rows = {1, 3}, .sparse_values = {10, 30}, .is_sparse = true});
  return matrix;
}

std::vector<float> to_dense(const FeatureMatrix& matrix, std::size_t feature) {
  const FeatureColumn& column = matrix.columns[feature];
  if (!column.is_sparse) return column.dense;
  std::vector<float> dense(matrix.rows, 0.0F);
  for (std::size_t i = 0; i < column.sparse_rows.size(); ++i)
    dense[column.sparse_rows[i]] = column.sparse_values[i];
  return dense;
}

TEST(FeatureMatrix, takes_rows_in_any_order_and_more_than_once) {
  const FeatureMatrix taken = sample().take_rows(std::array<std::uint32_t, 5>{3, 0, 1, 3, 2});
  EXPECT_EQ(taken.rows, 5u);
  EXPECT_EQ(to_dense(taken, 0), (std::vector<float>{4, 1, 2, 4, 3}));
  EXPECT_EQ(to_dense(taken, 1), (std::vector<float>{30, 0, 10, 30, 0}));
  EXPECT_EQ(taken.columns[1].sparse_rows, (std::vector<std::uint32_t>{0, 2, 3}));
}

TEST(FeatureMatrix, takes_ascending_rows) {
  const FeatureMatrix taken = sample().take_rows(std::array<std::uint32_t, 2>{1, 2});
  EXPECT_EQ(to_dense(taken, 0), (std::vector<float>{2, 3}));
  EXPECT_EQ(to_dense(taken, 1), (std::vector<float>{10, 0}));
}

TEST(FeatureMatrix, takes_no_rows) {
  const FeatureMatrix taken = sample().take_rows({});
  EXPECT_EQ(taken.rows, 0u);
  EXPECT_EQ(taken.features(), 2u);
  EXPECT_EQ(taken.bytes(), 0u);
}

TEST(FeatureMatrix, refuses_a_row_that_it_does_not_have) {
  EXPECT_THROW((void)sample().take_rows(std::array<std::uint32_t, 1>{4}), InternalError);
}

TEST(FeatureMatrix, counts_the_bytes_of_its_values) {
  EXPECT_EQ(sample().bytes(), 4u * 4 + 2 * 8);
}

TEST(FeatureMatrix, takes_the_pictures_of_its_rows_along) {
  FeatureMatrix matrix{.rows = 3, .info = std::make_shared<const std::vector<Feature>>(), .columns = {}};
  const std::vector<std::uint32_t> wanted = {2, 0, 2};
  EXPECT_TRUE(matrix.take_rows(wanted).pixels.empty());
  matrix.pixels = {.shape = {.height = 1, .width = 2, .channels = 1}, .bytes = {1, 2, 3, 4, 5, 6}};
  const FeatureMatrix taken = matrix.take_rows(wanted);
  EXPECT_EQ(taken.pixels.shape, matrix.pixels.shape);
  EXPECT_EQ(taken.pixels.bytes, (std::vector<std::uint8_t>{5, 6, 1, 2, 5, 6}));
  EXPECT_EQ(taken.bytes(), 6U);
}

}  // namespace
}  // namespace astrolabe
