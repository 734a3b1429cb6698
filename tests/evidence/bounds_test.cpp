// SPDX-License-Identifier: Apache-2.0
// Bounds are only worth something if nothing escapes them: random numbers inside, computed by the
// interpreter.
#include "astrolabe/evidence/bounds.h"

#include <array>
#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "astrolabe/base/random.h"
#include "astrolabe/evidence/graph_bounds.h"
#include "astrolabe/graph/expression.h"
#include "astrolabe/graph/math_table.h"

namespace astrolabe {
namespace {

TEST(Bounds, of_exact_sums_and_products_are_exact) {
  const Bounds sum = Bounds{1, 2} + Bounds{0.5, 4};
  EXPECT_EQ(sum.low, 1.5);
  EXPECT_EQ(sum.high, 6);
  const Bounds product = Bounds{-1, 2} * Bounds{-3, 4};
  EXPECT_EQ(product.low, -6);
  EXPECT_EQ(product.high, 8);
  EXPECT_EQ(square(Bounds{-1, 2}).low, 0);
}

TEST(Bounds, of_inexact_ones_are_rounded_outwards) {
  const Bounds tenth = Bounds{1} / Bounds{10};
  EXPECT_LT(tenth.low, tenth.high);
  EXPECT_EQ(std::nextafter(tenth.low, 1), tenth.high);
  const Bounds sum = Bounds{1} + Bounds{1e-30};
  EXPECT_EQ(sum.low, 1);
  EXPECT_EQ(sum.high, std::nextafter(1.0, 2.0));
  const Bounds tiny = Bounds{1e-300} * Bounds{1e-300};
  EXPECT_EQ(tiny.low, 0);
  EXPECT_GT(tiny.high, 0);
}

TEST(Bounds, of_what_has_no_value_are_not_total) {
  EXPECT_FALSE((Bounds{1} / Bounds{-1, 1}).is_total);
  EXPECT_FALSE(bounds_of_math("log", {-1, 1}).is_total);
  EXPECT_FALSE(bounds_of_math("log", {-2, -1}).is_total);
  EXPECT_FALSE(bounds_of_math("rsqrt", {0, 1}).is_total);
  EXPECT_TRUE(bounds_of_math("sqrt", {0, 1}).is_total);
}

TEST(Bounds, of_infinite_ones_stay_bounds) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const Bounds right{10, kInfinity}, left{-kInfinity, -10};
  EXPECT_EQ((right + right).high, kInfinity);
  EXPECT_EQ((right - right).low, -kInfinity);
  const Bounds fading = left * bounds_of_math("sigmoid", left);
  EXPECT_EQ(fading.high, 0);
  EXPECT_EQ((Bounds{0} * right).high, 0);
  EXPECT_EQ(bounds_of_math("tanh", right).high, 1);
}

TEST(Bounds, of_waves_hold_their_crests) {
  EXPECT_EQ(bounds_of_math("sin", {1, 2}).high, 1);
  EXPECT_LT(bounds_of_math("sin", {-1, 1}).high, 0.85);
  EXPECT_EQ(bounds_of_math("cos", {3, 4}).low, -1);
  EXPECT_EQ(bounds_of_math("cos", {-100, 100}).high, 1);
}

// Nothing escapes: every row, over intervals of many widths.
TEST(Bounds, of_every_math_row_hold_its_values) {
  RandomStream random(Key::from_seed(3));
  for (const MathRow& row : math_rows()) {
    const Expression expression = parse_expression(Vocabulary::activation, std::string(row.name) + "(x)");
    GraphBounds bounds(expression.graph, {expression.value});
    NodeId x = kNoNode;
    for (NodeId id = 0; id < expression.graph.size(); ++id)
      if (expression.graph[id].op == Op::input) x = id;
    for (int round = 0; round < 300; ++round) {
      const double low = 20 * random.uniform() - 10;
      const double high = low + std::pow(10, 3 * random.uniform() - 2.5);
      bounds.set(x, {low, high});
      const Bounds value = bounds.evaluate().front();
      for (int i = 0; i < 10; ++i) {
        const double at = low + (high - low) * random.uniform();
        const double number = evaluate_expression(expression, {{"x", at}});
        if (!std::isfinite(number)) continue;
        // The interpreter is right to four units in the last place.
        const double error = 8 * std::abs(number) * 0x1p-52 + 1e-300;
        EXPECT_GE(number, value.low - error) << row.name << " at " << at;
        EXPECT_LE(number, value.high + error) << row.name << " at " << at;
      }
    }
  }
}

TEST(Bounds, of_expressions_hold_their_values) {
  RandomStream random(Key::from_seed(4));
  for (const char* text : {"x*sigmoid(1.5*x)", "max(x,0.1*x)-min(x,2)", "where(x < 1, x*x, sin(x)/(x+20))",
                           "exp(-x*x)*abs(x)", "x/(1+abs(x))", "where(x == 1, 3, x^3)"}) {
    const Expression expression = parse_expression(Vocabulary::activation, text);
    GraphBounds bounds(expression.graph, {expression.value});
    for (int round = 0; round < 200; ++round) {
      const double low = 6 * random.uniform() - 3, high = low + 2 * random.uniform();
      for (NodeId id = 0; id < expression.graph.size(); ++id) {
        const Node& node = expression.graph[id];
        if (node.op == Op::input) bounds.set(id, {low, high});
        if (node.op == Op::scalar) bounds.set(id, Bounds{expression.constants[node.slot()]});
      }
      const Bounds value = bounds.evaluate().front();
      const double at = low + (high - low) * random.uniform();
      const double number = evaluate_expression(expression, {{"x", at}});
      EXPECT_GE(number, value.low - 1e-12) << text << " at " << at;
      EXPECT_LE(number, value.high + 1e-12) << text << " at " << at;
    }
  }
}

}  // namespace
}  // namespace astrolabe
