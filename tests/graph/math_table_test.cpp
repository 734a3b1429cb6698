// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/graph/math_table.h"

#include <array>
#include <bit>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "tests/graph/array_values.h"
#include "tests/graph/math_reference.h"
#include <gtest/gtest.h>

#include "astrolabe/graph/graph.h"
#include "astrolabe/graph/interpret.h"
#include "astrolabe/graph/math_derivative.h"

namespace astrolabe {
namespace {

using testing::math_error;
using testing::math_reference;

constexpr double kUlpInF64 = 4;
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

template <class T>
std::vector<T> values_at(const MathRow& row, const std::vector<T>& points) {
  Graph graph;
  const Array x = Array::of<T>(Shape{points.size()}, points);
  const NodeId node = graph.math(row.name, graph.input("x", x.type(), x.shape()));
  const Array y = testing::value_of(graph, node, {.inputs = {x}, .states = {}, .scalars = {}});
  return {y.as<T>().begin(), y.as<T>().end()};
}

// Every 4093rd f32, by its bits: of both signs and every exponent, infinities and NaN among them.
std::vector<float> strided_floats() {
  std::vector<float> points;
  for (std::uint64_t bits = 0; bits < (std::uint64_t{1} << 32); bits += 4093)
    points.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
  return points;
}

// Where functions like to be wrong.
std::vector<float> special_floats(const MathRow& row) {
  std::vector<float> points = {0.0F,
                               0x1p-149F,
                               0x1p-126F,
                               0x1.fffffep-127F,
                               0x1p-64F,
                               0x1p-24F,
                               0x1p-12F,
                               0.5F,
                               1.0F,
                               1.5F,
                               2.0F,
                               2.5F,
                               10.0F,
                               88.0F,
                               100000.0F,
                               0x1p23F,
                               0x1.fffffep127F,
                               kInfinity};
  for (const double end : {row.domain_low, row.domain_high}) {
    const auto point = static_cast<float>(end);
    points.insert(points.end(), {point, std::nextafter(point, -kInfinity), std::nextafter(point, kInfinity)});
  }
  const std::size_t count = points.size();
  for (std::size_t i = 0; i < count; ++i) points.push_back(-points[i]);
  return points;
}

bool is_in_domain(const MathRow& row, double x) {
  return x >= row.domain_low && x <= row.domain_high;
}

std::vector<float> strided_floats_in(const MathRow& row) {
  std::vector<float> points;
  for (const float point : strided_floats())
    if (is_in_domain(row, point)) points.push_back(point);
  return points;
}

// sin, cos and tan of finite numbers outside of their domain are anything but NaN.
bool is_arbitrary(const MathRow& row, double x) {
  const bool is_periodic = row.name == "sin" || row.name == "cos" || row.name == "tan";
  return is_periodic && std::isfinite(x) && !is_in_domain(row, x);
}

void expect_within_bound(const MathRow& row, float x, float y) {
  if (is_arbitrary(row, x)) {
    EXPECT_FALSE(std::isnan(y)) << row.name << " of " << x;
    EXPECT_TRUE((y >= row.range_low && y <= row.range_high) || row.name == "tan") << row.name << " of " << x;
    return;
  }
  const double exact = math_reference<double>(row.name)(x);
  EXPECT_LE(math_error(row.name, y, exact), row.ulp)
      << row.name << " of " << x << " is " << y << ", not " << exact;
  EXPECT_TRUE(exact != 0 || std::signbit(y) == std::signbit(exact)) << row.name << " of " << x;
  if (is_in_domain(row, x)) {
    EXPECT_TRUE(std::isfinite(y)) << row.name << " of " << x;
    EXPECT_TRUE(y >= row.range_low && y <= row.range_high) << row.name << " of " << x << " is " << y;
  }
}

TEST(MathTable, is_sorted_by_unique_names_and_finds_them) {
  const auto rows = math_rows();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(math_row_index(rows[i].name), i);
    EXPECT_EQ(find_math_row(rows[i].name), &rows[i]);
    EXPECT_TRUE(i == 0 || rows[i - 1].name < rows[i].name) << rows[i].name;
    EXPECT_TRUE(rows[i].doc.ends_with('.')) << rows[i].name;
    EXPECT_LE(rows[i].range_low, rows[i].range_high) << rows[i].name;
  }
  EXPECT_FALSE(math_row_index("tan_h").has_value());
  EXPECT_EQ(find_math_row(""), nullptr);
}

TEST(MathTable, has_a_reference_for_every_row) {
  for (const MathRow& row : math_rows()) EXPECT_NE(math_reference<double>(row.name), nullptr) << row.name;
}

TEST(MathTable, rows_keep_their_error_bound_on_every_4093rd_f32) {
  const std::vector<float> points = strided_floats();
  for (const MathRow& row : math_rows()) {
    const std::vector<float> values = values_at(row, points);
    for (std::size_t i = 0; i < points.size(); ++i) {
      expect_within_bound(row, points[i], values[i]);
      if (::testing::Test::HasFailure()) return;  // one message says enough
    }
  }
}

TEST(MathTable, rows_keep_their_error_bound_at_special_points) {
  for (const MathRow& row : math_rows()) {
    const std::vector<float> points = special_floats(row);
    const std::vector<float> values = values_at(row, points);
    for (std::size_t i = 0; i < points.size(); ++i) expect_within_bound(row, points[i], values[i]);
  }
}

TEST(MathTable, rows_pass_nan_of_any_payload) {
  std::vector<float> points;
  for (const std::uint32_t bits : {0x7f800001U, 0x7fc00000U, 0x7fc00001U, 0x7fffffffU, 0xff800001U,
                                   0xffc00000U, 0xffc12345U, 0xffffffffU})
    points.push_back(std::bit_cast<float>(bits));
  const auto wide = std::bit_cast<double>(0xfff8000000000001U);
  for (const MathRow& row : math_rows()) {
    for (const float value : values_at(row, points)) EXPECT_TRUE(std::isnan(value)) << row.name;
    EXPECT_TRUE(std::isnan(values_at<double>(row, {wide})[0])) << row.name;
  }
}

TEST(MathTable, infinities_and_zeros_have_the_values_of_the_functions) {
  const std::map<std::string_view, std::array<float, 4>> expected = {
      // at -inf, -0, 0, inf
      {"abs", {kInfinity, 0, 0, kInfinity}},
      {"erf", {-1, -0.0F, 0, 1}},
      {"exp", {0, 1, 1, kInfinity}},
      {"expm1", {-1, -0.0F, 0, kInfinity}},
      {"log", {kNaN, -kInfinity, -kInfinity, kInfinity}},
      {"log1p", {kNaN, -0.0F, 0, kInfinity}},
      {"log_cosh", {kInfinity, 0, 0, kInfinity}},
      {"rsqrt", {kNaN, -kInfinity, kInfinity, 0}},
      {"sigmoid", {0, 0.5F, 0.5F, 1}},
      {"sign", {-1, -0.0F, 0, 1}},
      {"sin", {kNaN, -0.0F, 0, kNaN}},
      {"cos", {kNaN, 1, 1, kNaN}},
      {"softplus", {0, 0x1.62e43p-1F, 0x1.62e43p-1F, kInfinity}},
      {"sqrt", {kNaN, -0.0F, 0, kInfinity}},
      {"tanh", {-1, -0.0F, 0, 1}},
  };
  for (const auto& [name, wanted] : expected) {
    const std::vector<float> values =
        values_at<float>(*find_math_row(name), {-kInfinity, -0.0F, 0, kInfinity});
    for (std::size_t i = 0; i < 4; ++i) {
      if (std::isnan(wanted[i]))
        EXPECT_TRUE(std::isnan(values[i])) << name << " " << i;
      else
        EXPECT_EQ(std::bit_cast<std::uint32_t>(values[i]), std::bit_cast<std::uint32_t>(wanted[i]))
            << name << " " << i;
    }
  }
}

// Of many sizes, denser about 1, and the ends of what f64 holds.
std::vector<double> sampled_doubles() {
  std::vector<double> points = {0.0,
                                0x1p-1074,
                                1e-310,
                                0x1p-1022,
                                0x1p-53,
                                0.5,
                                1.0,
                                2.0,
                                708.0,
                                709.78,
                                709.79,
                                710.4,
                                710.48,
                                745.0,
                                1022.5,
                                1e5,
                                0x1.fffffffffffffp1023,
                                INFINITY};
  for (int i = 0; i < 20000; ++i) {
    const double step = 0.6180339887498949 * (i + 1);
    const double fraction = step - std::floor(step);
    points.push_back(std::ldexp(0.5 + fraction, i % 60 - 40));
    points.push_back(6 * fraction);
    points.push_back(720 * fraction);
  }
  const std::size_t count = points.size();
  for (std::size_t i = 0; i < count; ++i) points.push_back(-points[i]);
  return points;
}

TEST(MathTable, rows_are_within_4_ulps_in_f64) {
  const std::vector<double> points = sampled_doubles();
  for (const MathRow& row : math_rows()) {
    const std::vector<double> values = values_at(row, points);
    const auto exact_value = math_reference<long double>(row.name);
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (is_arbitrary(row, points[i])) {
        EXPECT_FALSE(std::isnan(values[i])) << row.name << " of " << points[i];
        continue;
      }
      const long double exact = exact_value(points[i]);
      ASSERT_LE(math_error(row.name, values[i], exact), kUlpInF64) << row.name << " of " << points[i];
      ASSERT_TRUE(exact != 0 || std::signbit(values[i]) == std::signbit(exact))
          << row.name << " of " << points[i];
    }
  }
}

TEST(MathTable, even_rows_are_even_and_odd_rows_are_odd) {
  const auto expect_symmetry = [](std::string_view name, float sign) {
    const MathRow& row = *find_math_row(name);
    const std::vector<float> points = strided_floats_in(row);
    std::vector<float> opposite;
    for (const float point : points) opposite.push_back(-point);
    const std::vector<float> a = values_at(row, points);
    const std::vector<float> b = values_at(row, opposite);
    for (std::size_t i = 0; i < points.size(); ++i)
      ASSERT_TRUE(std::isnan(a[i]) ||
                  std::bit_cast<std::uint32_t>(a[i]) == std::bit_cast<std::uint32_t>(sign * b[i]))
          << name << " of " << points[i];
  };
  for (const std::string_view name : {"abs", "cosh", "log_cosh"}) expect_symmetry(name, 1);
  for (const std::string_view name : {"atan", "erf", "round", "sign", "sin", "sinh", "tan", "tanh"})
    expect_symmetry(name, -1);
}

// Not tanh and erf, which are flat up to their error where they near 1, nor softplus, off by a unit about 0.
TEST(MathTable, growing_rows_grow_from_sample_to_sample) {
  for (const std::string_view name : {"atan", "exp", "exp2", "expm1", "floor", "log", "log1p", "log2",
                                      "round", "sigmoid", "sinh", "sqrt"}) {
    const MathRow& row = *find_math_row(name);
    std::vector<float> points = strided_floats_in(row);
    std::sort(points.begin(), points.end());
    const std::vector<float> values = values_at(row, points);
    for (std::size_t i = 1; i < points.size(); ++i)
      ASSERT_LE(values[i - 1], values[i]) << name << " between " << points[i - 1] << " and " << points[i];
  }
}

// ---- Derivatives.

TEST(MathTable, derivatives_equal_finite_differences) {
  for (const MathRow& row : math_rows()) {
    std::vector<double> points;
    for (double x = -3.83; x < 4; x += 0.1703)  // misses the whole numbers and halves, where some have none
      if (is_in_domain(row, x - 0.01) && is_in_domain(row, x + 0.01)) points.push_back(x);
    ASSERT_GE(points.size(), 10U) << row.name;
    Graph graph;
    const Array at = Array::of<double>(Shape{points.size()}, points);
    const NodeId x = graph.input("x", at.type(), at.shape());
    const NodeId slope = graph.add(build_derivative(graph, row.derivative, {x, graph.math(row.name, x)}),
                                   graph.multiply(x, graph.constant(0, at.type())));  // of x's shape
    const Array found = testing::value_of(graph, slope, {.inputs = {at}, .states = {}, .scalars = {}});
    constexpr double kStep = 0x1p-14;
    std::vector<double> around;
    for (const double point : points)
      around.insert(around.end(), {point - 2 * kStep, point - kStep, point + kStep, point + 2 * kStep});
    const std::vector<double> y = values_at(row, around);
    for (std::size_t i = 0; i < points.size(); ++i) {
      const double wanted =
          (8 * (y[4 * i + 2] - y[4 * i + 1]) - (y[4 * i + 3] - y[4 * i])) / (12 * kStep);  // error ~ kStep^4
      EXPECT_NEAR(found.as<double>()[i], wanted, 1e-9 * std::max(1.0, std::fabs(wanted)))
          << row.name << " at " << points[i];
    }
  }
}

// ---- Form.

// The nodes of a row that compute something.
struct Expanded {
  Graph graph;
  std::vector<NodeId> nodes;
};
Expanded expanded(const MathRow& row, ElementType type) {
  Expanded result;
  const NodeId x = result.graph.input("x", type, Shape{8});
  const NodeId value = expand_math(result.graph, result.graph.math(row.name, x));
  EXPECT_EQ(result.graph.type(value), type) << row.name;
  EXPECT_EQ(result.graph.shape(value), Shape{8}) << row.name;
  result.nodes = reachable(result.graph, std::vector{value});
  return result;
}

TEST(MathTable, expansions_are_elementary_and_their_constants_are_numbers_of_the_type) {
  for (const MathRow& row : math_rows()) {
    const auto [graph, nodes] = expanded(row, ElementType::f32);
    for (const NodeId id : nodes) {
      const Node& node = graph[id];
      const bool is_machine_row =
          node.op != Op::math ||
          math_rows()[static_cast<std::size_t>(node.attributes.value)].expand == nullptr;
      EXPECT_TRUE(is_machine_row) << row.name;
      if (node.op != Op::constant || node.type != ElementType::f32 || std::isnan(node.constant_value()))
        continue;
      EXPECT_EQ(static_cast<double>(static_cast<float>(node.constant_value())), node.constant_value())
          << row.name;
    }
  }
}

TEST(MathTable, rows_of_the_machine_expand_to_themselves) {
  Graph graph;
  const NodeId x = graph.input("x", ElementType::f32, Shape{2});
  for (const std::string_view name : {"floor", "round", "sqrt"}) {
    const NodeId node = graph.math(name, x);
    EXPECT_EQ(expand_math(graph, node), node) << name;
  }
}

// Training runs at the speed of these. A better formula lowers a number here; none should raise one.
TEST(MathTable, expansions_in_f32_are_short) {
  const std::map<std::string_view, std::size_t> most = {
      {"abs", 1},       {"atan", 18},     {"cos", 17},  {"cosh", 15}, {"erf", 16},     {"exp", 13},
      {"exp2", 12},     {"expm1", 17},    {"floor", 1}, {"log", 26},  {"log1p", 24},   {"log2", 26},
      {"log_cosh", 28}, {"round", 1},     {"rsqrt", 2}, {"sign", 4},  {"sigmoid", 15}, {"sin", 15},
      {"sinh", 24},     {"softplus", 24}, {"sqrt", 1},  {"tan", 18},  {"tanh", 14}};
  for (const MathRow& row : math_rows()) {
    const auto [graph, nodes] = expanded(row, ElementType::f32);
    const auto is_work = [&graph](NodeId id) {
      const Op op = graph[id].op;
      return op != Op::input && op != Op::constant && op != Op::bitcast;
    };
    EXPECT_LE(static_cast<std::size_t>(std::ranges::count_if(nodes, is_work)), most.at(row.name)) << row.name;
  }
}

}  // namespace
}  // namespace astrolabe
