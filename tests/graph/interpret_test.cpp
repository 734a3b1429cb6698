// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/graph/interpret.h"

#include <array>
#include <cmath>
#include <limits>

#include "tests/graph/array_values.h"
#include <gtest/gtest.h>

#include "astrolabe/graph/threefry.h"

namespace astrolabe {
namespace {

using testing::array_of;
using testing::value_of;
using testing::values_of;
using enum ElementType;

// The value of a graph of one input.
template <class Build>
Array of_one(const Array& x, Build build) {
  Graph graph;
  const NodeId node = build(graph, graph.input("x", x.type(), x.shape()));
  return value_of(graph, node, {.inputs = {x}, .states = {}, .scalars = {}});
}

template <class Build>
Array of_two(const Array& x, const Array& y, Build build) {
  Graph graph;
  const NodeId a = graph.input("x", x.type(), x.shape());
  const NodeId b = graph.input("y", y.type(), y.shape());
  return value_of(graph, build(graph, a, b), {.inputs = {x, y}, .states = {}, .scalars = {}});
}

// ---- The order of sums.

// f32 numbers of both signs and six magnitudes: their sum depends on the order.
std::vector<float> rough_numbers(std::size_t count) {
  constexpr std::array<double, 6> kScales = {1, 1e3, 1e-2, 1e5, 10, 1e4};
  const std::vector<double> spread = testing::spread_values(count);
  std::vector<float> numbers(count);
  for (std::size_t i = 0; i < count; ++i) numbers[i] = static_cast<float>(spread[i] * kScales[i % 6]);
  return numbers;
}

float sum_by_lanes(const std::vector<float>& run) {
  std::array<float, 32> lanes{};
  for (std::size_t i = 0; i < run.size(); ++i) lanes[i % 32] += run[i];
  for (std::size_t half = 16; half >= 1; half /= 2)
    for (std::size_t j = 0; j < half; ++j) lanes[j] += lanes[j + half];
  return lanes[0];
}

TEST(Reduce, of_a_run_adds_by_lanes_and_then_in_a_tree) {
  for (const std::size_t count : {1U, 2U, 31U, 32U, 33U, 100U, 1000U}) {
    const std::vector<float> numbers = rough_numbers(count);
    const Array sum =
        of_one(Array::of(Shape{count}, numbers), [](Graph& g, NodeId x) { return g.sum(x, {0}); });
    EXPECT_EQ(sum.as<float>()[0], sum_by_lanes(numbers)) << count;
  }
}

TEST(Reduce, order_matters_for_these_numbers) {
  const std::vector<float> numbers = rough_numbers(100);
  float serial = 0;
  for (const float number : numbers) serial += number;
  EXPECT_NE(serial, sum_by_lanes(numbers));
}

TEST(Reduce, of_a_first_axis_adds_row_after_row) {
  const std::vector<float> numbers = rough_numbers(200);
  const Array sums =
      of_one(Array::of(Shape{100, 2}, numbers), [](Graph& g, NodeId x) { return g.sum(x, {0}); });
  for (std::size_t column = 0; column < 2; ++column) {
    float serial = 0;
    for (std::size_t row = 0; row < 100; ++row) serial += numbers[2 * row + column];
    EXPECT_EQ(sums.as<float>()[column], serial);
  }
}

TEST(Reduce, of_outer_and_last_axes_joins_the_runs_one_after_the_other) {
  const std::vector<float> numbers = rough_numbers(5 * 3 * 70);
  const Array sums =
      of_one(Array::of(Shape{5, 3, 7, 10}, numbers), [](Graph& g, NodeId x) { return g.sum(x, {0, 2, 3}); });
  for (std::size_t j = 0; j < 3; ++j) {
    float joined = 0;
    for (std::size_t i = 0; i < 5; ++i) {
      const auto run = numbers.begin() + static_cast<std::ptrdiff_t>((i * 3 + j) * 70);
      joined += sum_by_lanes({run, run + 70});
    }
    EXPECT_EQ(sums.as<float>()[j], joined);
  }
}

TEST(Reduce, of_nothing_is_the_identity) {
  const auto reduce_nothing = [](ReduceKind kind, ElementType type) {
    const Array none(type, Shape{2, 0});
    return values_of(
        of_one(none, [&](Graph& g, NodeId x) { return g.reduce(kind, x, std::array{std::size_t{1}}); }));
  };
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(reduce_nothing(ReduceKind::add, f32), (std::vector<double>{0, 0}));
  EXPECT_EQ(reduce_nothing(ReduceKind::maximum, f32), (std::vector<double>{-kInfinity, -kInfinity}));
  EXPECT_EQ(reduce_nothing(ReduceKind::minimum, f32), (std::vector<double>{kInfinity, kInfinity}));
  EXPECT_EQ(reduce_nothing(ReduceKind::maximum, i32), (std::vector<double>{-2147483648.0, -2147483648.0}));
  EXPECT_EQ(reduce_nothing(ReduceKind::minimum, u32), (std::vector<double>{4294967295.0, 4294967295.0}));
}

// The value so far is the first operand, so what compares false with it replaces it.
TEST(Reduce, to_a_maximum_forgets_a_nan_in_the_same_places_everywhere) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto largest = [](const Array& x) {
    return of_one(
        x, [](Graph& g, NodeId a) { return g.reduce(ReduceKind::maximum, a, std::array{std::size_t{0}}); });
  };
  const Array rows = largest(Array::of<float>(Shape{3, 2}, {5, 1, nan, 2, 3, nan}));
  EXPECT_EQ(rows.as<float>()[0], 3) << "5, then nan, then 3";
  EXPECT_TRUE(std::isnan(rows.as<float>()[1])) << "the last one stays";
  const Array run = largest(Array::of<float>(Shape{2}, {nan, 3}));
  EXPECT_EQ(run.as<float>()[0], 3) << "lane 16 holds -inf and replaces the nan of lane 0";
}

TEST(Reduce, of_whole_numbers_wraps) {
  const Array x = Array::of<std::int32_t>(Shape{2}, {2147483647, 2});
  EXPECT_EQ(of_one(x, [](Graph& g, NodeId a) { return g.sum(a, {0}); }).as<std::int32_t>()[0], -2147483647);
}

TEST(Dot, is_a_chain_of_fused_multiply_adds) {
  const std::vector<float> a = rough_numbers(50);
  std::vector<float> b = rough_numbers(53);
  b.erase(b.begin(), b.begin() + 3);
  float fused = 0;
  float apart = 0;
  for (std::size_t k = 0; k < 50; ++k) {
    fused = std::fma(a[k], b[k], fused);
    apart += a[k] * b[k];
  }
  const Array product = of_two(Array::of(Shape{1, 50}, a), Array::of(Shape{50, 1}, b),
                               [](Graph& g, NodeId x, NodeId y) { return g.dot(x, y); });
  EXPECT_EQ(product.as<float>()[0], fused);
  EXPECT_NE(apart, fused) << "numbers for which it matters";
}

TEST(AddAt, adds_in_the_order_of_the_index) {
  const std::vector<float> rows = {1e8F, 0.6F, -1e8F, 0.6F};
  const Array index = Array::of<std::int32_t>(Shape{4}, {0, 0, 0, 0});
  const Array table = of_two(Array::of(Shape{4, 1}, rows), index,
                             [](Graph& g, NodeId x, NodeId y) { return g.add_at(x, y, 1); });
  EXPECT_EQ(table.as<float>()[0], ((rows[0] + rows[1]) + rows[2]) + rows[3]);
}

// ---- Corners of single operations.

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(Cast, to_whole_numbers_saturates_and_makes_nan_zero) {
  const Array x =
      Array::of<float>(Shape{7}, {kNan, kInfinity, -kInfinity, 2147483648.F, -2147483904.F, -0.9F, 3e9F});
  const auto to = [&](ElementType type) {
    return values_of(of_one(x, [&](Graph& g, NodeId a) { return g.cast(a, type); }));
  };
  constexpr double kMost = 2147483647;
  EXPECT_EQ(to(i32), (std::vector<double>{0, kMost, -kMost - 1, kMost, -kMost - 1, 0, kMost}));
  EXPECT_EQ(to(u32), (std::vector<double>{0, 4294967295, 0, 2147483648, 0, 0, 3e9}));
  EXPECT_EQ(to(i64), (std::vector<double>{0, 9223372036854775807.0, -9223372036854775808.0, 2147483648,
                                          -2147483904, 0, 3e9}));
  EXPECT_EQ(to(boolean), (std::vector<double>{1, 1, 1, 1, 1, 1, 1}));
}

TEST(Cast, between_whole_numbers_keeps_the_low_bits) {
  const Array x = Array::of<std::int64_t>(Shape{2}, {(std::int64_t{1} << 32) + 5, -1});
  EXPECT_EQ(values_of(of_one(x, [](Graph& g, NodeId a) { return g.cast(a, i32); })),
            (std::vector<double>{5, -1}));
  EXPECT_EQ(values_of(of_one(x, [](Graph& g, NodeId a) { return g.cast(a, u32); })),
            (std::vector<double>{5, 4294967295}));
}

TEST(Cast, to_narrow_floats_and_back_rounds_to_even) {
  const Array x = Array::of<float>(Shape{3}, {1.00390625F, 1.01171875F, 1e6F});  // 1 + 2^-8, 1 + 3 * 2^-8
  EXPECT_EQ(values_of(of_one(x, [](Graph& g, NodeId a) { return g.cast(g.cast(a, bf16), f32); })),
            (std::vector<double>{1, 1.015625, 999424}));
  EXPECT_EQ(values_of(of_one(x, [](Graph& g, NodeId a) { return g.cast(g.cast(a, f16), f32); })),
            (std::vector<double>{1.00390625, 1.01171875, kInfinity}));
}

TEST(MinimumAndMaximum, of_a_nan_are_the_second_one) {
  const Array a = Array::of<float>(Shape{2}, {kNan, 1});
  const Array b = Array::of<float>(Shape{2}, {1, kNan});
  for (const Op op : {Op::minimum, Op::maximum}) {
    const Array value = of_two(a, b, [&](Graph& g, NodeId x, NodeId y) { return g.binary(op, x, y); });
    EXPECT_EQ(value.as<float>()[0], 1);
    EXPECT_TRUE(std::isnan(value.as<float>()[1]));
  }
}

TEST(Arithmetic, of_whole_numbers_wraps) {
  constexpr std::int32_t kLeast = std::numeric_limits<std::int32_t>::min();
  const Array a = Array::of<std::int32_t>(Shape{2}, {kLeast, 65536});
  const Array b = Array::of<std::int32_t>(Shape{2}, {1, 65537});
  const auto of = [&](Op op) {
    return values_of(of_two(a, b, [&](Graph& g, NodeId x, NodeId y) { return g.binary(op, x, y); }));
  };
  EXPECT_EQ(of(Op::subtract), (std::vector<double>{2147483647, -1}));
  EXPECT_EQ(of(Op::multiply), (std::vector<double>{kLeast, 65536}));
  EXPECT_EQ(values_of(of_one(a, [](Graph& g, NodeId x) { return g.negate(x); })),
            (std::vector<double>{kLeast, -65536}));
}

TEST(Arithmetic, of_f32_rounds_to_f32_and_fuses_only_where_told) {
  const float third = 1.0F / 3;
  const Array a = Array::of<float>(Shape{1}, {third});
  const Array b = Array::of<float>(Shape{1}, {3});
  const auto apart =
      of_two(a, b, [](Graph& g, NodeId x, NodeId y) { return g.subtract(g.multiply(x, y), g.constant(1)); });
  const auto fused =
      of_two(a, b, [](Graph& g, NodeId x, NodeId y) { return g.fused_multiply_add(x, y, g.constant(-1)); });
  EXPECT_EQ(apart.as<float>()[0], 0);
  EXPECT_EQ(fused.as<float>()[0], std::fma(third, 3.0F, -1.0F));
  EXPECT_NE(fused.as<float>()[0], 0);
}

TEST(Math, is_the_expansion_at_every_element_of_a_long_array) {
  Graph graph;
  const std::size_t count = 10'000;  // more than one block
  const NodeId x = graph.input("x", f64, Shape{count});
  const NodeId y = graph.math("exp", x);
  const Array points = array_of({f64, Shape{count}}, testing::spread_values(count));
  const Array together = value_of(graph, y, {.inputs = {points}, .states = {}, .scalars = {}});
  for (const std::size_t i : {0UL, 4095UL, 4096UL, 9999UL}) {
    const Array alone = of_one(Array::of<double>(Shape{}, {points.as<double>()[i]}),
                               [](Graph& g, NodeId a) { return g.math("exp", a); });
    EXPECT_EQ(together.as<double>()[i], alone.as<double>()[0]);
    EXPECT_NEAR(alone.as<double>()[0], std::exp(points.as<double>()[i]), 1e-5);
  }
}

TEST(Math, of_the_machine_rounds_halves_to_even) {
  const Array x = Array::of<float>(Shape{5}, {0.5F, 1.5F, 2.5F, -0.5F, 3.2F});
  EXPECT_EQ(values_of(of_one(x, [](Graph& g, NodeId a) { return g.math("round", a); })),
            (std::vector<double>{0, 2, 2, 0, 3}));
  EXPECT_EQ(values_of(of_one(x, [](Graph& g, NodeId a) { return g.math("floor", a); })),
            (std::vector<double>{0, 1, 2, -1, 3}));
}

// ---- Random bits.

// Source: kat_vectors of Random123 1.14, threefry2x32 20.
TEST(Threefry, gives_the_known_answers) {
  EXPECT_EQ(threefry({0, 0}, {0, 0}), (ThreefryWords{0x6b200159, 0x99ba4efe}));
  EXPECT_EQ(threefry({0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (ThreefryWords{0x1cb996fc, 0xbb002be7}));
  EXPECT_EQ(threefry({0x13198a2e, 0x03707344}, {0x243f6a88, 0x85a308d3}),
            (ThreefryWords{0xc4923a9c, 0x483df7a0}));
}

TEST(Bits, are_the_first_words_for_key_index_and_stream) {
  const Array key = Array::of<std::uint32_t>(Shape{2}, {7, 9});
  const Array bits = of_one(key, [](Graph& g, NodeId k) { return g.bits(k, Shape{3, 4}, 5); });
  for (std::uint32_t i = 0; i < 12; ++i) EXPECT_EQ(bits.as<std::uint32_t>()[i], threefry({7, 9}, {i, 5})[0]);
}

TEST(Bits, of_a_key_per_member_count_from_zero_in_each) {
  const Array keys = Array::of<std::uint32_t>(Shape{2, 2}, {7, 9, 1, 2});
  const Array bits = of_one(keys, [](Graph& g, NodeId k) { return g.bits(k, Shape{2, 3}, 0); });
  EXPECT_EQ(bits.as<std::uint32_t>()[2], threefry({7, 9}, {2, 0})[0]);
  EXPECT_EQ(bits.as<std::uint32_t>()[3], threefry({1, 2}, {0, 0})[0]);
}

// ---- Feeding.

void expect_refused(const Feed& feed, const std::vector<std::string>& parts) {
  Graph graph;
  const NodeId x = graph.input("pixels", f32, Shape{2, 3});
  try {
    (void)value_of(graph, x, feed);
    FAIL() << "it ran";
  } catch (const Error& error) {
    for (const std::string& part : parts)
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

TEST(Interpreter, names_the_leaf_that_was_given_something_else) {
  expect_refused({.inputs = {Array(f32, Shape{3, 2})}, .states = {}, .scalars = {}},
                 {"input \"pixels\"", "expected f32 [2, 3]", "found f32 [3, 2]"});
  expect_refused({.inputs = {Array(f64, Shape{2, 3})}, .states = {}, .scalars = {}}, {"found f64 [2, 3]"});
  expect_refused({}, {"found nothing"});
}

TEST(Interpreter, needs_no_feed_for_leaves_that_nobody_reads) {
  Graph graph;
  (void)graph.input("unused", f32, Shape{2});
  const NodeId number = graph.add(graph.constant(1), graph.constant(2));
  EXPECT_EQ(values_of(value_of(graph, number)), (std::vector<double>{3}));
}

TEST(Interpreter, keeps_roots_that_others_read_and_roots_that_are_asked_twice) {
  Graph graph;
  const NodeId a = graph.constant(2);
  const NodeId b = graph.multiply(a, a);
  const NodeId c = graph.add(b, b);
  const std::vector<Array> values = interpret(graph, std::vector{c, b, b, a}, {});
  EXPECT_EQ(values_of(values[0]), (std::vector<double>{8}));
  EXPECT_EQ(values_of(values[1]), (std::vector<double>{4}));
  EXPECT_EQ(values[1], values[2]);
  EXPECT_EQ(values_of(values[3]), (std::vector<double>{2}));
}

}  // namespace
}  // namespace astrolabe
