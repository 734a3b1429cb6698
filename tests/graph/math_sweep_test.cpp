// SPDX-License-Identifier: Apache-2.0
// Every row of the MATH table at every one of the 2^32 floats, computed by machine code, which the other
// tests compare with the interpreter bit by bit. One to three minutes a row on two cores, nearly all of it
// the C library's.
#include <algorithm>
#include <bit>
#include <cmath>
#include <ostream>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "tests/graph/math_reference.h"
#include <gtest/gtest.h>

#include "astrolabe/graph/graph.h"
#include "astrolabe/graph/math_table.h"
#include "astrolabe/runtime/compile.h"

namespace astrolabe {

// For messages of GoogleTest.
static void PrintTo(const MathRow& row, std::ostream* out) {  // NOLINT(readability-identifier-naming)
  *out << row.name;
}

namespace {

constexpr std::size_t kBlock = std::size_t{1} << 16;
constexpr std::uint64_t kAll = std::uint64_t{1} << 32;

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

// The floats whose bits are in [begin, end).
void sweep(const MathRow& row, std::uint64_t begin, std::uint64_t end, double& worst) {
  Program program;
  const NodeId x = program.graph.input("x", ElementType::f32, Shape{kBlock});
  program.outputs = {program.graph.math(row.name, x)};
  Execution run(compile(program, {.tier = Tier::compiled}));
  std::vector<float> points(kBlock);
  run.bind_input("x", points.data());
  for (std::uint64_t first = begin; first < end; first += kBlock) {
    for (std::size_t i = 0; i < kBlock; ++i)
      points[i] = std::bit_cast<float>(static_cast<std::uint32_t>(first + i));
    run.run();
    check_block(row, points, run.output<float>(0), worst);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

TEST_P(MathSweep, keeps_the_error_bound_at_every_float) {
  const std::size_t threads = std::max(1U, std::thread::hardware_concurrency());
  std::vector<double> worst(threads, 0);
  std::vector<std::thread> team;
  const std::uint64_t share = kAll / kBlock / threads * kBlock;
  for (std::size_t i = 0; i < threads; ++i) {
    team.emplace_back(
        [&, i] { sweep(GetParam(), i * share, i + 1 == threads ? kAll : (i + 1) * share, worst[i]); });
  }
  for (std::thread& thread : team) thread.join();
  RecordProperty("worst_ulp", std::to_string(*std::ranges::max_element(worst)));
}

INSTANTIATE_TEST_SUITE_P(Rows, MathSweep, ::testing::ValuesIn(math_rows().begin(), math_rows().end()),
                         [](const ::testing::TestParamInfo<MathRow>& row) {
                           return std::string(row.param.name);
                         });

}  // namespace
}  // namespace astrolabe
