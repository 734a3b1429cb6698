// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/tensor/shape.h"

#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

constexpr std::size_t kHuge = std::size_t{1} << 40;

TEST(Shape, counts_its_elements) {
  EXPECT_EQ((Shape{64, 3, 28, 28}.element_count()), 150'528U);
  EXPECT_EQ(Shape{}.element_count(), 1U);
  EXPECT_EQ((Shape{5, 0, 7}.element_count()), 0U);
}

TEST(Shape, strides_are_row_major) {
  const auto strides = Shape{64, 3, 28, 28}.row_major_strides();
  EXPECT_EQ(std::vector<std::ptrdiff_t>(strides.begin(), strides.begin() + 4),
            (std::vector<std::ptrdiff_t>{2352, 784, 28, 1}));
}

TEST(Shape, reads_as_text) {
  EXPECT_EQ((Shape{64, 3}.to_text()), "[64, 3]");
  EXPECT_EQ(Shape{}.to_text(), "[]");
}

TEST(Shape, equality_looks_at_dimensions_and_rank) {
  EXPECT_EQ((Shape{2, 3}), (Shape{2, 3}));
  EXPECT_NE((Shape{2, 3}), (Shape{3, 2}));
  EXPECT_NE((Shape{2}), (Shape{2, 1}));
}

TEST(Shape, too_large_or_too_deep_is_our_bug) {
  EXPECT_THROW((Shape{kHuge, kHuge}), InternalError);
  EXPECT_THROW((Shape{kHuge, 0, kHuge}), InternalError);
  EXPECT_THROW((Shape{1, 1, 1, 1, 1, 1, 1, 1, 1}), InternalError);
  EXPECT_THROW((void)Shape{2}[1], InternalError);
}

TEST(Shape, from_untrusted_dimensions_is_nothing_where_they_make_no_sense) {
  EXPECT_EQ(Shape::from_untrusted(std::vector<std::size_t>{2, 3}), (Shape{2, 3}));
  EXPECT_EQ(Shape::from_untrusted(std::vector<std::size_t>{kHuge, kHuge}), std::nullopt);
  EXPECT_EQ(Shape::from_untrusted(std::vector<std::size_t>{std::numeric_limits<std::size_t>::max()}),
            std::nullopt);
  EXPECT_EQ(Shape::from_untrusted(std::vector<std::size_t>(9, 1)), std::nullopt);
}

}  // namespace
}  // namespace astrolabe
