// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/tensor/view.h"

#include <numeric>
#include <vector>

#include <gtest/gtest.h>

namespace astrolabe {
namespace {

// 4 rows of 3 features: 0, 1, 2 / 10, 11, 12 / ...
class ViewTest : public testing::Test {
 protected:
  std::vector<int> values_{0, 1, 2, 10, 11, 12, 20, 21, 22, 30, 31, 32};
  View<int> table_{values_.data(), Shape{4, 3}};
};

std::vector<int> copy(std::span<const int> span) {
  return {span.begin(), span.end()};
}

TEST_F(ViewTest, reads_and_writes_elements) {
  EXPECT_EQ(table_.at(2, 1), 21);
  table_.at(2, 1) = 7;
  EXPECT_EQ(values_[7], 7);
  const View<const int> reader = table_;
  EXPECT_EQ(reader.at(2, 1), 7);
}

TEST_F(ViewTest, transposes_without_copying) {
  const View<int> columns = table_.transpose();
  EXPECT_EQ(columns.shape(), (Shape{3, 4}));
  EXPECT_EQ(columns.at(1, 2), 21);
  EXPECT_EQ(columns.data(), values_.data());
  EXPECT_FALSE(columns.is_contiguous());
  EXPECT_TRUE(columns.transpose().is_contiguous());
}

TEST_F(ViewTest, slices_rows_and_columns) {
  EXPECT_EQ(copy(table_.slice(0, 1, 3).elements()), (std::vector<int>{10, 11, 12, 20, 21, 22}));
  EXPECT_EQ(copy(table_.slice(1, 1, 3).row(3)), (std::vector<int>{31, 32}));
  EXPECT_EQ(copy(table_.slice(0, 1, 4, 2).row(1)), (std::vector<int>{30, 31, 32}));
  EXPECT_EQ(table_.slice(0, 0, 4, 3).shape(), (Shape{2, 3}));
  EXPECT_EQ(table_.slice(0, 4, 4).shape(), (Shape{0, 3}));
  EXPECT_TRUE(table_.slice(0, 4, 4).elements().empty());
}

TEST_F(ViewTest, picks_one_index_of_an_axis) {
  EXPECT_EQ(copy(table_.pick(0, 2).elements()), (std::vector<int>{20, 21, 22}));
  EXPECT_EQ(table_.pick(1, 2).at(3), 32);
  EXPECT_EQ(table_.pick(0, 1).pick(0, 1).at(), 11);
}

TEST_F(ViewTest, gives_rows_that_lie_in_one_piece) {
  EXPECT_EQ(copy(table_.row(1)), (std::vector<int>{10, 11, 12}));
  EXPECT_EQ(copy(table_.slice(1, 2, 3).transpose().transpose().row(1)), (std::vector<int>{12}));
  EXPECT_THROW((void)table_.transpose().row(0), InternalError);
  EXPECT_THROW((void)table_.slice(1, 0, 3, 2).row(0), InternalError);
  EXPECT_THROW((void)table_.pick(0, 0).row(0), InternalError);
}

TEST_F(ViewTest, checks_every_bound) {
  EXPECT_THROW((void)table_.at(4, 0), InternalError);
  EXPECT_THROW((void)table_.at(0, 3), InternalError);
  EXPECT_THROW((void)table_.at(0), InternalError);
  EXPECT_THROW((void)table_.at(0, 0, 0), InternalError);
  EXPECT_THROW((void)table_.row(4), InternalError);
  EXPECT_THROW((void)table_.pick(2, 0), InternalError);
  EXPECT_THROW((void)table_.pick(0, 4), InternalError);
  EXPECT_THROW((void)table_.slice(0, 0, 5), InternalError);
  EXPECT_THROW((void)table_.slice(0, 3, 2), InternalError);
  EXPECT_THROW((void)table_.slice(2, 0, 1), InternalError);
  EXPECT_THROW((void)table_.slice(0, 0, 4, 0), InternalError);
  EXPECT_THROW((void)table_.transpose().elements(), InternalError);
}

TEST(View, takes_up_to_eight_axes) {
  std::vector<int> values(256);
  std::iota(values.begin(), values.end(), 0);
  const View<int> view(values.data(), Shape{2, 2, 2, 2, 2, 2, 2, 2});
  EXPECT_EQ(view.at(1, 0, 1, 0, 1, 0, 1, 0), 0b10101010);
  EXPECT_EQ(view.transpose().at(1, 0, 1, 0, 1, 0, 1, 0), 0b01010101);
}

}  // namespace
}  // namespace astrolabe
