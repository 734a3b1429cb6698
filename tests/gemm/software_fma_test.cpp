// SPDX-License-Identifier: Apache-2.0
// The plain path computes fused multiply-adds by software. A product of one step that accumulates is exactly
// one of them for every element.
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "astrolabe/base/random.h"
#include "astrolabe/gemm/gemm.h"

namespace astrolabe {
namespace {

std::uint32_t bits_of(float value) {
  return std::bit_cast<std::uint32_t>(value);
}

// x[i] * y[j] + c for all pairs, against std::fma.
void expect_fused(const std::vector<float>& x, const std::vector<float>& y,
                  const std::vector<float>& addends) {
  GemmScratch scratch;
  for (const float addend : addends) {
    std::vector<float> c(x.size() * y.size(), addend);
    gemm({.m = x.size(),
          .n = y.size(),
          .k = 1,
          .a = x.data(),
          .a_row = 1,
          .a_column = 1,
          .b = y.data(),
          .b_row = static_cast<std::ptrdiff_t>(y.size()),
          .b_column = 1,
          .c = c.data(),
          .c_row = static_cast<std::ptrdiff_t>(y.size()),
          .accumulate = true},
         InstructionSet::plain, scratch);
    for (std::size_t i = 0; i < x.size(); ++i) {
      for (std::size_t j = 0; j < y.size(); ++j) {
        const float expected = std::fma(x[i], y[j], addend);
        const float found = c[i * y.size() + j];
        if (std::isnan(expected))
          ASSERT_TRUE(std::isnan(found)) << x[i] << " * " << y[j] << " + " << addend;
        else
          ASSERT_EQ(bits_of(found), bits_of(expected)) << x[i] << " * " << y[j] << " + " << addend;
      }
    }
  }
}

TEST(SoftwareFma, of_special_values_is_that_of_the_hardware) {
  const float infinity = std::numeric_limits<float>::infinity();
  const float least = std::numeric_limits<float>::denorm_min();
  const float normal = std::numeric_limits<float>::min();
  const float greatest = std::numeric_limits<float>::max();
  std::vector<float> values;
  for (const float value : {0.0F,     1.0F,         1.5F,      3.0F,      1.0F + 0x1p-23F, 1.0F - 0x1p-24F,
                            0x1p-12F, 0x1p12F,      0x1p-24F,  0x1p-25F,  0x1p-75F,        0x1p-100F,
                            0x1p100F, least,        3 * least, normal,    normal - least,  normal + least,
                            greatest, greatest / 2, 0x1p-149F, 0x1p-148F, 0x1p-126F,       infinity}) {
    values.push_back(value);
    values.push_back(-value);
  }
  values.push_back(std::numeric_limits<float>::quiet_NaN());
  expect_fused(values, values, values);
}

TEST(SoftwareFma, rounds_once_where_two_roundings_differ) {
  // The exact sum lies just beside the middle of two floats, nearer than double can tell.
  const float x = 1.0F + 0x1p-12F;  // x * x = 1 + 2^-11 + 2^-24: a tie of floats, exactly
  for (const float tiny : {0x1p-80F, -0x1p-80F, 0x1p-149F, -0x1p-149F})
    EXPECT_NE(static_cast<float>(static_cast<double>(x) * x + tiny) == std::fma(x, x, tiny), tiny > 0)
        << tiny;
  expect_fused({x, -x}, {x, -x}, {0x1p-80F, -0x1p-80F, 0x1p-149F, -0x1p-149F, 0.0F, -0.0F});
}

TEST(SoftwareFma, of_random_bits_is_that_of_the_hardware) {
  RandomStream stream(Key::from_seed(5));
  for (int round = 0; round < 40; ++round) {
    std::vector<float> x(50);
    std::vector<float> y(50);
    std::vector<float> c(20);
    for (auto* values : {&x, &y, &c}) {
      for (float& value : *values) value = std::bit_cast<float>(static_cast<std::uint32_t>(stream.bits()));
    }
    expect_fused(x, y, c);
  }
}

TEST(SoftwareFma, of_short_numbers_which_often_tie_is_that_of_the_hardware) {
  RandomStream stream(Key::from_seed(6));
  const auto draw = [&](int spread) {
    // Few significant bits at both ends of the number, so that sums end in ...1000 or ...0111.
    const auto bits = static_cast<std::uint32_t>(stream.bits());
    const float number =
        1.0F + static_cast<float>(bits & 3U) * 0x1p-23F + static_cast<float>(bits >> 2 & 3U) * 0x1p-12F;
    const int exponent = static_cast<int>(stream.below(static_cast<std::uint64_t>(spread))) - spread / 2;
    return std::ldexp((bits & 0x80000000U) != 0 ? -number : number, exponent);
  };
  for (int round = 0; round < 40; ++round) {
    std::vector<float> x(50);
    std::vector<float> y(50);
    std::vector<float> c(20);
    for (float& value : x) value = draw(4);
    for (float& value : y) value = draw(round % 2 == 0 ? 8 : 280);
    for (float& value : c) value = draw(round % 4 < 2 ? 120 : 290);
    expect_fused(x, y, c);
  }
}

}  // namespace
}  // namespace astrolabe
