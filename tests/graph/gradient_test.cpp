// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/graph/gradient.h"

#include <algorithm>
#include <cmath>

#include "tests/graph/array_values.h"
#include "tests/graph/finite_differences.h"
#include <gtest/gtest.h>

#include "astrolabe/graph/math_derivative.h"
#include "astrolabe/graph/math_table.h"

namespace astrolabe {
namespace {

using testing::array_of;
using testing::value_of;
using testing::values_of;
using enum ElementType;
using Values = std::vector<double>;

NodeId gradient_of_one(Graph& graph, NodeId value, NodeId node) {
  return gradient(graph, value, std::vector{node}).at(0);
}

Feed inputs(std::vector<Array> arrays) {
  return {.inputs = std::move(arrays), .states = {}, .scalars = {}};
}

TEST(Gradient, of_a_maximum_is_shared_by_ties) {
  Graph graph;
  const NodeId x = graph.input("x", f32, Shape{2, 3});
  const Feed feed = inputs({Array::of<float>(Shape{2, 3}, {1, 5, 5, 2, 2, 2})});
  const NodeId largest = graph.reduce(ReduceKind::maximum, x, std::array{std::size_t{1}});
  const NodeId value = graph.sum_all(graph.multiply(largest, graph.constant(6)));
  EXPECT_EQ(values_of(value_of(graph, gradient_of_one(graph, value, x), feed)), (Values{0, 3, 3, 2, 2, 2}));
}

TEST(Gradient, of_the_larger_of_equal_numbers_goes_to_the_second) {
  Graph graph;
  const NodeId a = graph.input("a", f32, Shape{});
  const NodeId b = graph.input("b", f32, Shape{});
  const Feed feed = inputs({Array::of<float>(Shape{}, {2}), Array::of<float>(Shape{}, {2})});
  for (const NodeId value : {graph.maximum(a, b), graph.minimum(a, b)}) {
    const std::vector<NodeId> slopes = gradient(graph, value, std::vector{a, b});
    EXPECT_EQ(values_of(value_of(graph, slopes[0], feed)), (Values{0}));
    EXPECT_EQ(values_of(value_of(graph, slopes[1], feed)), (Values{1}));
  }
}

TEST(Gradient, with_respect_to_what_is_not_there_is_zeros) {
  Graph graph;
  const NodeId x = graph.input("x", f32, Shape{2});
  const NodeId other = graph.input("other", f32, Shape{2, 2});
  const NodeId index = graph.input("index", i32, Shape{3});
  const NodeId value = graph.sum_all(graph.take(x, index));
  const NodeId later = graph.input("later", f32, Shape{1});
  const std::vector<NodeId> slopes = gradient(graph, value, std::vector{other, index, later});
  EXPECT_EQ(values_of(value_of(graph, slopes[0])), (Values{0, 0, 0, 0}));
  EXPECT_EQ(graph.type(slopes[1]), i32);
  EXPECT_EQ(values_of(value_of(graph, slopes[1])), (Values{0, 0, 0}));
  EXPECT_EQ(values_of(value_of(graph, slopes[2])), (Values{0}));
}

TEST(Gradient, stops_at_what_is_asked_for) {
  Graph graph;
  const NodeId x = graph.input("x", f32, Shape{});
  const NodeId square = graph.multiply(x, x);
  const NodeId value = graph.multiply(square, x);
  const Feed feed = inputs({Array::of<float>(Shape{}, {3})});
  const std::vector<NodeId> slopes = gradient(graph, value, std::vector{x, square, value});
  EXPECT_EQ(values_of(value_of(graph, slopes[2], feed)), (Values{1}));
  const std::vector<NodeId> both = gradient(graph, value, std::vector{x, square});
  EXPECT_EQ(values_of(value_of(graph, both[0], feed)), (Values{9})) << "the square counts as given";
  EXPECT_EQ(values_of(value_of(graph, both[1], feed)), (Values{3}));
  EXPECT_EQ(values_of(value_of(graph, gradient_of_one(graph, value, x), feed)), (Values{27}));
}

TEST(Gradient, of_a_storage_type_flows_in_f32) {
  Graph graph;
  const NodeId x = graph.input("x", f32, Shape{2, 1});
  const NodeId stored = graph.cast(x, bf16);
  const NodeId wide = graph.cast(graph.expand(stored, Shape{2, 3}), f32);
  const NodeId value = graph.sum_all(graph.multiply(wide, wide));
  const Feed feed = inputs({Array::of<float>(Shape{2, 1}, {0.1F, 2})});
  const std::vector<NodeId> slopes = gradient(graph, value, std::vector{x});
  EXPECT_EQ(values_of(value_of(graph, slopes[0], feed)), (Values{static_cast<float>(6 * 0.10009765625), 12}));
  EXPECT_EQ(graph.type(gradient_of_one(graph, value, stored)), bf16);
}

TEST(Gradient, wants_a_floating_number) {
  Graph graph;
  const NodeId x = graph.input("x", f32, Shape{2});
  const NodeId n = graph.input("n", i32, Shape{});
  EXPECT_THROW((void)gradient(graph, x, std::vector{x}), Error);
  EXPECT_THROW((void)gradient(graph, n, std::vector{x}), Error);
  try {
    (void)pull_back(graph, x, graph.constant(1), std::vector{x});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("f32 [2] and f32 []"), std::string::npos) << error.what();
  }
}

TEST(PullBack, weighs_by_the_seed) {
  Graph graph;
  const NodeId x = graph.input("x", f32, Shape{3});
  const NodeId seed = graph.input("seed", f32, Shape{3});
  const Feed feed = inputs({Array::of<float>(Shape{3}, {1, 2, 3}), Array::of<float>(Shape{3}, {1, 0, 10})});
  const NodeId slope = pull_back(graph, graph.multiply(x, x), seed, std::vector{x}).at(0);
  EXPECT_EQ(values_of(value_of(graph, slope, feed)), (Values{2, 0, 60}));
}

// Points of a row's domain near 0, away from its ends and from whole numbers.
Values points_of(const MathRow& row) {
  const double low = std::max(row.domain_low, -2.0);
  const double high = std::min(row.domain_high, 2.0);
  Values points;
  for (const double share : {0.13, 0.31, 0.57, 0.83}) points.push_back(low + share * (high - low));
  return points;
}

TEST(Gradient, of_every_row_of_the_math_table_is_that_of_central_differences) {
  for (const MathRow& row : math_rows()) {
    SCOPED_TRACE(row.name);
    Graph graph;
    const NodeId x = graph.input("x", f32, Shape{4});
    const NodeId value = testing::weighted_sum(graph, graph.math(row.name, x));
    const Feed feed = inputs({array_of({f32, Shape{4}}, points_of(row))});
    testing::expect_gradient(graph, value, {x}, feed, {.step = 1e-3, .tolerance = 2e-3});
    testing::expect_second_gradient(graph, value, {x}, feed, {.step = 1e-3, .tolerance = 2e-3});
  }
}

TEST(Derivative, text_follows_the_rules_of_arithmetic) {
  Graph graph;
  const NodeId x = graph.input("x", f64, Shape{});
  const NodeId y = graph.input("y", f64, Shape{});
  const Feed feed = inputs({Array::of<double>(Shape{}, {3}), Array::of<double>(Shape{}, {5})});
  const auto at = [&](std::string_view text) {
    return value_of(graph, build_derivative(graph, text, {.x = x, .y = y}), feed).as<double>()[0];
  };
  EXPECT_EQ(at("1 - y*y"), -24);
  EXPECT_EQ(at("-x^2"), -9);
  EXPECT_EQ(at("12/x/2"), 2);
  EXPECT_EQ(at("y - x - 1"), 1);
  EXPECT_EQ(at("2.5e-1*(x + y)"), 2);
  EXPECT_EQ(at("sqrt(x*x + y + 2)"), 4);
  EXPECT_THROW((void)at("1 +"), InternalError);
  EXPECT_THROW((void)at("z"), InternalError);
  EXPECT_THROW((void)at("(x"), InternalError);
  EXPECT_THROW((void)at("x y"), InternalError);
}

TEST(Gradient, of_a_network_is_that_of_central_differences) {
  Graph graph;
  const NodeId x = graph.input("x", f32, Shape{4, 3});
  const NodeId w = graph.state("w", f32, Shape{3, 5});
  const NodeId b = graph.state("b", f32, Shape{5});
  const NodeId v = graph.state("v", f32, Shape{2, 5});
  const NodeId scale = graph.scalar("scale");
  const NodeId hidden = graph.math("tanh", graph.add(graph.dot(x, w), graph.broadcast_rows(b, 4)));
  const NodeId out = graph.multiply(graph.dot(hidden, v, false, true), scale);
  const NodeId shifted = graph.subtract(
      out, graph.expand(
               graph.reshape(graph.reduce(ReduceKind::maximum, out, std::array{std::size_t{1}}), Shape{4, 1}),
               Shape{4, 2}));
  const NodeId loss = graph.sum_all(graph.math("log", graph.sum(graph.math("exp", shifted), {1})));
  const Feed feed{.inputs = {array_of({f32, Shape{4, 3}}, testing::spread_values(12))},
                  .states = {array_of({f32, Shape{3, 5}}, testing::spread_values(15, 0.2)),
                             array_of({f32, Shape{5}}, testing::spread_values(5, 0.4)),
                             array_of({f32, Shape{2, 5}}, testing::spread_values(10, 0.6))},
                  .scalars = {array_of({f32, Shape{}}, {1.5})}};
  testing::expect_gradient(graph, loss, {x, w, b, v, scale}, feed, {.step = 1e-4, .tolerance = 1e-3});
  testing::expect_second_gradient(graph, loss, {x, w, b, v, scale}, feed, {.step = 1e-4, .tolerance = 1e-2});
}

}  // namespace
}  // namespace astrolabe
