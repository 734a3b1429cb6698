// SPDX-License-Identifier: Apache-2.0
// Through every row: every f32 with 2^-12 <= |x| < 2^7, every 5th up to 2^17, where periods are still told
// apart, and every 61st of the others, where functions are nearly linear, constant, or repeat themselves from
// exponent to exponent. 415 million numbers, half a minute to two minutes a row on a core, of which the C
// library takes a third.
#include <bit>
#include <cmath>
#include <ostream>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tests/graph/array_values.h"
#include "tests/graph/math_reference.h"
#include <gtest/gtest.h>

#include "astrolabe/graph/graph.h"
#include "astrolabe/graph/math_table.h"

namespace astrolabe {

// For messages of GoogleTest.
static void PrintTo(const MathRow& row, std::ostream* out) {  // NOLINT(readability-identifier-naming)
  *out << row.name;
}

namespace {

constexpr std::size_t kBlock = std::size_t{1} << 20;
constexpr std::uint64_t kAll = std::uint64_t{1} << 32;

// The bits of the number after that.
std::uint64_t next_bits(std::uint64_t bits) {
  const float size = std::fabs(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
  if (size >= 0x1p-12F && size < 0x1p7F) return bits + 1;
  return bits + (size >= 0x1p7F && size < 0x1p17F ? 5 : 61);
}

class MathSweep : public ::testing::TestWithParam<MathRow> {};

// The largest error in the domain; values stay in the range.
void check_block(const MathRow& row, std::span<const float> x, std::span<const float> y, double& worst) {
  const auto exact_value = testing::math_reference<double>(row.name);
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (std::isnan(x[i])) {
      ASSERT_TRUE(std::isnan(y[i])) << row.name << " of NaN";
      continue;
    }
    if (!(x[i] >= row.domain_low && x[i] <= row.domain_high)) continue;  // the quick test looks at those
    ASSERT_TRUE(y[i] >= row.range_low && y[i] <= row.range_high)
        << row.name << " of " << x[i] << " is " << y[i];
    const double exact = exact_value(x[i]);
    const double error = testing::math_error(row.name, y[i], exact);
    ASSERT_LE(error, row.ulp) << row.name << " of " << x[i] << " is " << y[i] << ", not " << exact;
    worst = std::max(worst, error);
  }
}

TEST_P(MathSweep, keeps_the_error_bound) {
  const MathRow& row = GetParam();
  Graph graph;
  const NodeId y = graph.math(row.name, graph.input("x", ElementType::f32, Shape{kBlock}));
  double worst = 0;
  Array x(ElementType::f32, Shape{kBlock});
  for (std::uint64_t bits = 0; bits < kAll;) {
    for (float& point : x.as<float>()) {
      point = std::bit_cast<float>(static_cast<std::uint32_t>(std::min(bits, kAll - 1)));
      bits = next_bits(bits);
    }
    const Array values = testing::value_of(graph, y, {.inputs = {x}, .states = {}, .scalars = {}});
    check_block(row, std::as_const(x).as<float>(), values.as<float>(), worst);
    if (HasFatalFailure()) return;
  }
  RecordProperty("worst_ulp", std::to_string(worst));
}

INSTANTIATE_TEST_SUITE_P(Rows, MathSweep, ::testing::ValuesIn(math_rows().begin(), math_rows().end()),
                         [](const ::testing::TestParamInfo<MathRow>& row) {
                           return std::string(row.param.name);
                         });

}  // namespace
}  // namespace astrolabe
