// SPDX-License-Identifier: Apache-2.0
// All 2^32 floats, in every rounding, against the definition. Minutes.
#include <bit>
#include <cmath>
#include <vector>

#include "tests/tensor/narrow_float_reference.h"
#include <gtest/gtest.h>

#include "astrolabe/tensor/narrow_float.h"

namespace astrolabe {
namespace {

using narrow_float_reference::Bf16Facts;
using narrow_float_reference::F16Facts;
using narrow_float_reference::place_of;
using narrow_float_reference::positive_values;
using narrow_float_reference::rounds_as_defined;

// Finite floats of both signs whose magnitude has a bit pattern in [first, last). Returns how many there
// were.
template <class Facts>
std::uint64_t check_finite(std::uint32_t first, std::uint32_t last) {
  const std::vector<double> values = positive_values<Facts>();
  std::size_t hint = 0;
  std::uint64_t checked = 0;
  for (std::uint32_t bits = first; bits < last; ++bits) {
    const auto value = std::bit_cast<float>(bits);
    const auto place = place_of(value, values, hint);
    hint = place.below;
    if (!rounds_as_defined<Facts>(value, place, values) || !rounds_as_defined<Facts>(-value, place, values)) {
      ADD_FAILURE() << "bits " << bits;
      return checked;
    }
    checked += 2;
  }
  return checked;
}

template <class Facts>
std::uint64_t check_nans() {
  constexpr std::uint32_t kInfinity = (0x7FFFU >> Facts::kFractionBits) << Facts::kFractionBits;
  constexpr std::uint32_t kQuiet = 1U << (Facts::kFractionBits - 1);
  std::uint64_t checked = 0;
  for (std::uint32_t bits = 0x7F80'0001; bits <= 0x7FFF'FFFF; ++bits) {
    const std::uint32_t payload = (bits & 0x7F'FFFF) >> (23 - Facts::kFractionBits);
    for (const std::uint32_t sign : {0U, 0x8000U}) {
      const auto value = std::bit_cast<float>(bits | sign << 16);
      const std::uint32_t wanted = sign | kInfinity | kQuiet | payload;
      if (Facts::nearest(value).bits != wanted) {
        ADD_FAILURE() << "nearest, bits " << (bits | sign << 16);
        return checked;
      }
      for (const auto rounding : {Rounding::nearest_even, Rounding::toward_zero, Rounding::stochastic}) {
        if (Facts::convert(value, rounding, 0).bits == wanted) continue;
        ADD_FAILURE() << "bits " << (bits | sign << 16);
        return checked;
      }
      ++checked;
    }
  }
  return checked;
}

// In quarters, so that two cores share the work and each stays well below the limit of a test.
constexpr std::uint32_t kQuarter = 0x7F80'0000U / 4;
constexpr std::uint64_t kCheckedPerQuarter = std::uint64_t{2} * kQuarter;

TEST(AllFloats, of_the_first_quarter_round_to_bf16_as_defined) {
  EXPECT_EQ(check_finite<Bf16Facts>(0, kQuarter), kCheckedPerQuarter);
}
TEST(AllFloats, of_the_second_quarter_round_to_bf16_as_defined) {
  EXPECT_EQ(check_finite<Bf16Facts>(kQuarter, 2 * kQuarter), kCheckedPerQuarter);
}
TEST(AllFloats, of_the_third_quarter_round_to_bf16_as_defined) {
  EXPECT_EQ(check_finite<Bf16Facts>(2 * kQuarter, 3 * kQuarter), kCheckedPerQuarter);
}
TEST(AllFloats, of_the_fourth_quarter_round_to_bf16_as_defined) {
  EXPECT_EQ(check_finite<Bf16Facts>(3 * kQuarter, 4 * kQuarter), kCheckedPerQuarter);
}
TEST(AllFloats, of_the_first_quarter_round_to_f16_as_defined) {
  EXPECT_EQ(check_finite<F16Facts>(0, kQuarter), kCheckedPerQuarter);
}
TEST(AllFloats, of_the_second_quarter_round_to_f16_as_defined) {
  EXPECT_EQ(check_finite<F16Facts>(kQuarter, 2 * kQuarter), kCheckedPerQuarter);
}
TEST(AllFloats, of_the_third_quarter_round_to_f16_as_defined) {
  EXPECT_EQ(check_finite<F16Facts>(2 * kQuarter, 3 * kQuarter), kCheckedPerQuarter);
}
TEST(AllFloats, of_the_fourth_quarter_round_to_f16_as_defined) {
  EXPECT_EQ(check_finite<F16Facts>(3 * kQuarter, 4 * kQuarter), kCheckedPerQuarter);
}
TEST(AllFloats, that_are_no_number_stay_quiet_nans_in_both_formats) {
  constexpr std::uint64_t kNans = 2 * ((std::uint64_t{1} << 23) - 1);
  EXPECT_EQ(check_nans<Bf16Facts>(), kNans);
  EXPECT_EQ(check_nans<F16Facts>(), kNans);
}

}  // namespace
}  // namespace astrolabe
