// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/tensor/narrow_float.h"

#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "tests/tensor/narrow_float_reference.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/random.h"

namespace astrolabe {
namespace {

using narrow_float_reference::Bf16Facts;
using narrow_float_reference::F16Facts;
using narrow_float_reference::place_of;
using narrow_float_reference::positive_values;
using narrow_float_reference::rounds_as_defined;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kLargest = std::numeric_limits<float>::max();
constexpr Rounding kRoundings[] = {Rounding::nearest_even, Rounding::toward_zero, Rounding::stochastic};

template <class Facts>
class NarrowFloat : public testing::Test {
 public:
  using Type = typename Facts::Type;
  static constexpr std::uint32_t kInfinityBits = (0x7FFFU >> Facts::kFractionBits) << Facts::kFractionBits;
  static constexpr std::uint32_t kQuietBit = 1U << (Facts::kFractionBits - 1);
};
using BothFormats = testing::Types<Bf16Facts, F16Facts>;
TYPED_TEST_SUITE(NarrowFloat, BothFormats, );

TYPED_TEST(NarrowFloat, every_pattern_widens_to_its_value) {
  const std::vector<double> values = positive_values<TypeParam>();
  ASSERT_EQ(values.size(), this->kInfinityBits + 1);
  for (std::uint32_t bits = 0; bits <= 0xFFFF; ++bits) {
    const float wide = to_f32(typename TypeParam::Type{static_cast<std::uint16_t>(bits)});
    const std::uint32_t magnitude = bits & 0x7FFF;
    ASSERT_EQ(std::signbit(wide), (bits & 0x8000) != 0) << bits;
    if (magnitude > this->kInfinityBits) {
      ASSERT_TRUE(std::isnan(wide)) << bits;
    } else if (magnitude == this->kInfinityBits) {
      ASSERT_TRUE(std::isinf(wide)) << bits;
    } else {
      ASSERT_EQ(std::abs(static_cast<double>(wide)), values[magnitude]) << bits;
    }
  }
}

TYPED_TEST(NarrowFloat, every_pattern_survives_there_and_back_in_every_rounding) {
  RandomStream random(Key::from_seed(7));
  for (std::uint32_t bits = 0; bits <= 0xFFFF; ++bits) {
    const bool is_nan = (bits & 0x7FFF) > this->kInfinityBits;
    const std::uint32_t wanted = is_nan ? bits | this->kQuietBit : bits;
    const float wide = to_f32(typename TypeParam::Type{static_cast<std::uint16_t>(bits)});
    for (const Rounding rounding : kRoundings) {
      for (const std::uint64_t word : {std::uint64_t{0}, std::uint64_t{0xFFFF'FFFF}, random.bits()}) {
        ASSERT_EQ(TypeParam::convert(wide, rounding, static_cast<std::uint32_t>(word)).bits, wanted) << bits;
      }
    }
  }
}

TYPED_TEST(NarrowFloat, around_every_midpoint_and_every_value_rounding_is_as_defined) {
  const std::vector<double> values = positive_values<TypeParam>();
  for (std::size_t pattern = 0; pattern + 1 < values.size(); ++pattern) {
    const auto value = static_cast<float>(values[pattern]);
    const auto middle = static_cast<float>(std::midpoint(values[pattern], values[pattern + 1]));
    for (const float center : {value, middle}) {
      for (const float near : {std::nextafter(center, 0.0F), center, std::nextafter(center, kLargest)}) {
        const auto place = place_of(near, values, pattern == 0 ? 0 : pattern - 1);
        ASSERT_TRUE(rounds_as_defined<TypeParam>(near, place, values)) << near;
        ASSERT_TRUE(rounds_as_defined<TypeParam>(-near, place, values)) << -near;
      }
    }
  }
}

TYPED_TEST(NarrowFloat, of_one_in_4099_of_all_floats_is_as_defined) {
  const std::vector<double> values = positive_values<TypeParam>();
  std::size_t hint = 0;
  for (std::uint32_t bits = 1; bits < 0x7F80'0000; bits += 4099) {
    const auto value = std::bit_cast<float>(bits);
    const auto place = place_of(value, values, hint);
    hint = place.below;
    ASSERT_TRUE(rounds_as_defined<TypeParam>(value, place, values)) << value;
    ASSERT_TRUE(rounds_as_defined<TypeParam>(-value, place, values)) << -value;
  }
}

TYPED_TEST(NarrowFloat, a_nan_stays_a_quiet_nan_of_its_sign) {
  for (const std::uint32_t sign : {0U, 0x8000'0000U}) {
    for (const std::uint32_t payload : {1U, 0x1FFFU, 0x2000U, 0x3F'FFFFU, 0x40'0000U, 0x7F'FFFFU}) {
      const auto nan = std::bit_cast<float>(sign | 0x7F80'0000U | payload);
      for (const Rounding rounding : kRoundings) {
        const std::uint32_t bits = TypeParam::convert(nan, rounding, 0).bits;
        EXPECT_GT(bits & 0x7FFF, this->kInfinityBits);
        EXPECT_NE(bits & this->kQuietBit, 0U);
        EXPECT_EQ(bits >> 15, sign >> 31);
      }
    }
  }
}

TYPED_TEST(NarrowFloat, infinities_and_overflow_go_where_the_rounding_says) {
  const std::uint32_t infinite = this->kInfinityBits;
  for (const Rounding rounding : kRoundings) {
    EXPECT_EQ(TypeParam::convert(kInfinity, rounding, 0xFFFF'FFFF).bits, infinite);
    EXPECT_EQ(TypeParam::convert(-kInfinity, rounding, 0xFFFF'FFFF).bits, infinite | 0x8000);
  }
  EXPECT_EQ(TypeParam::convert(kLargest, Rounding::nearest_even, 0).bits, infinite);
  EXPECT_EQ(TypeParam::convert(-kLargest, Rounding::nearest_even, 0).bits, infinite | 0x8000);
  EXPECT_EQ(TypeParam::convert(kLargest, Rounding::toward_zero, 0).bits, infinite - 1);
  EXPECT_EQ(TypeParam::convert(-kLargest, Rounding::toward_zero, 0).bits, (infinite - 1) | 0x8000);
}

// With equally spaced random numbers the mean is not merely near: it is the value.
TYPED_TEST(NarrowFloat, stochastic_rounding_has_the_value_as_its_mean) {
  constexpr int kDraws = 1 << 16;
  for (const float value : {0.1F, -0.1F, 3.14159265F, 1000.5F, -7.25e-5F, 3e-6F, 1.0F, 65000.0F}) {
    double sum = 0;
    for (std::uint32_t draw = 0; draw < kDraws; ++draw) {
      sum += static_cast<double>(to_f32(TypeParam::convert(value, Rounding::stochastic, draw << 16)));
    }
    // f16 drops more than 16 bits of its subnormals (3e-6): there 2^16 draws resolve 2^-16 of a gap.
    EXPECT_NEAR(sum / kDraws, static_cast<double>(value), std::abs(value) < 6e-5F ? 0x1p-40 : 0.0) << value;
  }
}

TYPED_TEST(NarrowFloat, spans_hold_what_single_values_give) {
  using Narrow = typename TypeParam::Type;
  RandomStream random(Key::from_seed(11));
  std::vector<float> values{0.0F, -0.0F, kInfinity, kLargest, std::nanf(""), 65520.0F, 1e-8F};
  while (values.size() < 1001)
    values.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(random.bits())));
  std::vector<std::uint32_t> bits(values.size());
  for (auto& word : bits) word = static_cast<std::uint32_t>(random.bits());
  std::vector<Narrow> narrowed(values.size());
  for (const Rounding rounding : kRoundings) {
    const bool is_stochastic = rounding == Rounding::stochastic;
    narrow(values, std::span(narrowed), rounding,
           is_stochastic ? std::span<const std::uint32_t>(bits) : std::span<const std::uint32_t>());
    for (std::size_t i = 0; i < values.size(); ++i) {
      ASSERT_EQ(narrowed[i], TypeParam::convert(values[i], rounding, bits[i])) << values[i];
    }
  }
  std::vector<float> widened(values.size());
  widen(std::span<const Narrow>(narrowed), widened);
  for (std::size_t i = 0; i < values.size(); ++i) {
    ASSERT_EQ(std::bit_cast<std::uint32_t>(widened[i]), std::bit_cast<std::uint32_t>(to_f32(narrowed[i])));
  }
}

TYPED_TEST(NarrowFloat, lengths_that_differ_are_our_bug) {
  using Narrow = typename TypeParam::Type;
  const std::vector<float> values(3, 1.0F);
  std::vector<float> widened(2);
  std::vector<Narrow> narrowed(2);
  EXPECT_THROW(narrow(values, std::span(narrowed), Rounding::nearest_even), InternalError);
  EXPECT_THROW(widen(std::span<const Narrow>(std::vector<Narrow>(3)), widened), InternalError);
  narrowed.resize(3);
  EXPECT_THROW(narrow(values, std::span(narrowed), Rounding::stochastic), InternalError);  // no random bits
  const std::vector<std::uint32_t> bits(3);
  EXPECT_THROW(narrow(values, std::span(narrowed), Rounding::toward_zero, bits), InternalError);
}

TEST(Bf16, of_known_values) {
  EXPECT_EQ(to_bf16(1.0F).bits, 0x3F80);
  EXPECT_EQ(to_bf16(0.1F).bits, 0x3DCD);
  EXPECT_EQ(to_bf16(0.1F, Rounding::toward_zero, 0).bits, 0x3DCC);
  EXPECT_EQ(to_bf16(1.00390625F).bits, 0x3F80);  // a tie goes down to even
  EXPECT_EQ(to_bf16(1.01171875F).bits, 0x3F82);  // and up to even
  EXPECT_EQ(to_bf16(-0.0F).bits, 0x8000);
  EXPECT_EQ(to_bf16(std::bit_cast<float>(0x7F7F'7FFFU)).bits, 0x7F7F);  // the last one that stays finite
  EXPECT_EQ(to_bf16(std::bit_cast<float>(0x7F7F'8000U)).bits, 0x7F80);
  EXPECT_EQ(to_bf16(std::numeric_limits<float>::denorm_min()).bits, 0);
  EXPECT_EQ(element_type_of<Bf16>, ElementType::bf16);
}

TEST(F16, of_known_values) {
  EXPECT_EQ(to_f16(1.0F).bits, 0x3C00);
  EXPECT_EQ(to_f16(0.1F).bits, 0x2E66);
  EXPECT_EQ(to_f16(65504.0F).bits, 0x7BFF);
  EXPECT_EQ(to_f16(65519.996F).bits, 0x7BFF);
  EXPECT_EQ(to_f16(65520.0F).bits, 0x7C00);  // the tie between 65504 and 2^16
  EXPECT_EQ(to_f16(65520.0F, Rounding::toward_zero, 0).bits, 0x7BFF);
  EXPECT_EQ(to_f16(0x1p-24F).bits, 0x0001);  // the smallest subnormal
  EXPECT_EQ(to_f16(0x1p-25F).bits, 0x0000);  // a tie with zero
  EXPECT_EQ(to_f16(-0x1.8p-25F).bits, 0x8001);
  EXPECT_EQ(to_f16(0x1.ffcp-15F).bits, 0x03FF + 1);  // a subnormal that rounds up to the first normal one
  EXPECT_EQ(to_f32(F16{0x0001}), 0x1p-24F);
  EXPECT_EQ(element_type_of<F16>, ElementType::f16);
}

}  // namespace
}  // namespace astrolabe
