// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/tensor/element_type.h"

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

TEST(ElementType, is_found_by_its_name) {
  for (std::size_t number = 0; number < kElementTypes; ++number) {
    const auto type = static_cast<ElementType>(number);
    EXPECT_EQ(parse_element_type(element_name(type)), type);
  }
  EXPECT_EQ(parse_element_type("f128"), std::nullopt);
  EXPECT_EQ(parse_element_type(""), std::nullopt);
}

TEST(ElementType, has_the_size_of_its_cpp_type) {
  EXPECT_EQ(element_bytes(element_type_of<bool>), sizeof(bool));
  EXPECT_EQ(element_bytes(element_type_of<std::int32_t>), 4U);
  EXPECT_EQ(element_bytes(element_type_of<std::uint32_t>), 4U);
  EXPECT_EQ(element_bytes(element_type_of<std::int64_t>), 8U);
  EXPECT_EQ(element_bytes(element_type_of<float>), 4U);
  EXPECT_EQ(element_bytes(element_type_of<double>), 8U);
  EXPECT_EQ(element_bytes(ElementType::bf16), 2U);
  EXPECT_EQ(element_bytes(ElementType::f16), 2U);
}

TEST(ElementType, half_precision_is_for_storage_only) {
  EXPECT_TRUE(is_storage_only(ElementType::bf16));
  EXPECT_TRUE(is_storage_only(ElementType::f16));
  EXPECT_FALSE(is_storage_only(ElementType::f32));
  EXPECT_TRUE(is_floating(ElementType::f16));
  EXPECT_FALSE(is_floating(ElementType::boolean));
}

TEST(ElementType, outside_the_table_is_our_bug) {
  EXPECT_THROW((void)element_bytes(static_cast<ElementType>(99)), InternalError);
}

}  // namespace
}  // namespace astrolabe
