// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/graph/expression.h"

#include <cmath>

#include "tests/graph/same_expression.h"
#include <gtest/gtest.h>

#include "astrolabe/graph/gradient.h"
#include "astrolabe/graph/interpret.h"

namespace astrolabe {
namespace {

using enum Vocabulary;

double at(const std::string& text, double x) {
  return evaluate_expression(parse_expression(activation, text), {{"x", x}});
}

std::string printed(const std::string& text, Vocabulary vocabulary = activation) {
  return parse_expression(vocabulary, text).text;
}

std::size_t count_of(const Expression& expression, Op op) {
  std::size_t count = 0;
  for (NodeId id = 0; id < expression.graph.size(); ++id) count += expression.graph[id].op == op ? 1 : 0;
  return count;
}

TEST(Expression, signs_and_powers_bind_as_in_mathematics) {
  EXPECT_EQ(at("-x^2", 3), -9);
  EXPECT_EQ(at("(-x)^2", 3), 9);
  EXPECT_EQ(at("2*x^2", 3), 18);
  EXPECT_EQ(at("x-2-1", 3), 0);
  EXPECT_EQ(at("x-(2-1)", 3), 2);
  EXPECT_EQ(at("x/3/2", 12), 2);
  EXPECT_EQ(at("x/(3/2)", 12), 8);
  EXPECT_EQ(at("x^2^3", 2), 256);
  EXPECT_EQ(at("(x^2)^3", 2), 64);
  EXPECT_EQ(at("x*-2", 3), -6);
  EXPECT_EQ(at("x^-2", 4), 0.0625);
  EXPECT_EQ(at("1+x*4-6/2", 5), 18);
  EXPECT_EQ(at("- - x", 5), 5);
  EXPECT_EQ(at("+x", 5), 5);
}

TEST(Expression, numbers_are_written_in_every_usual_way) {
  for (const char* text : {"x*0.25", "x*.25", "x*25e-2", "x*2.5E-1", "x * 1 / 4", " x\t/\n4 "})
    EXPECT_EQ(at(text, 3), 0.75) << text;
}

TEST(Expression, functions_have_their_values) {
  EXPECT_EQ(at("abs(x)", -3), 3);
  EXPECT_EQ(at("sign(x)", -3), -1);
  EXPECT_EQ(at("sign(x)", 0), 0);
  EXPECT_EQ(at("min(x,2)", 3), 2);
  EXPECT_EQ(at("max(x,2)", 3), 3);
  EXPECT_EQ(at("pow(x,2)", 3), 9);
  EXPECT_EQ(at("square(x)", 3), 9);
  EXPECT_EQ(at("x^0.5", 9), 3);
  EXPECT_EQ(at("x^-0.5", 4), 0.5);
  EXPECT_NEAR(at("x^1.7", 2.5), std::pow(2.5, 1.7), 1e-6);
  EXPECT_NEAR(at("2.5^x", 1.7), std::pow(2.5, 1.7), 1e-6);
  EXPECT_NEAR(at("e^x", 1.5), std::exp(1.5), 1e-6);
  EXPECT_NEAR(at("sin(pi/2*x)", 1), 1, 1e-6);
}

TEST(Expression, where_asks_every_comparison) {
  for (const double x : {-1.0, 2.0, 3.0}) {
    EXPECT_EQ(at("where(x<2,3,4)", x), x < 2 ? 3 : 4);
    EXPECT_EQ(at("where(x>2,3,4)", x), x > 2 ? 3 : 4);
    EXPECT_EQ(at("where(x<=2,3,4)", x), x <= 2 ? 3 : 4);
    EXPECT_EQ(at("where(x>=2,3,4)", x), x >= 2 ? 3 : 4);
    EXPECT_EQ(at("where(x==2,3,4)", x), x == 2 ? 3 : 4);
  }
}

TEST(Expression, other_numbers_are_scalars_in_the_order_of_the_text) {
  const Expression swish = parse_expression(activation, "x*sigmoid(1.5*x)+0.25-7");
  EXPECT_EQ(swish.constants, (std::vector<double>{1.5, 0.25, 7}));
  EXPECT_EQ(swish.graph.scalar_slots()[1].name, "c1");
  EXPECT_EQ(count_of(swish, Op::constant), 0U);
}

TEST(Expression, another_number_is_the_same_program) {
  Expression one = parse_expression(activation, "x*sigmoid(1.5*x)");
  const Expression other = parse_expression(activation, "x*sigmoid(1.7*x)");
  EXPECT_FALSE(have_same_graph(one, other));
  one.constants = other.constants;
  EXPECT_TRUE(have_same_graph(one, other));
}

TEST(Expression, small_numbers_and_whole_exponents_are_structure) {
  const Expression e = parse_expression(activation, "0.5*x+1-2*x^3/4*3+0");
  EXPECT_TRUE(e.constants.empty());
  EXPECT_EQ(count_of(e, Op::constant), 6U);  // 0.5, 1, 2, 4, 3, 0
}

TEST(Expression, arithmetic_on_numbers_is_one_scalar) {
  EXPECT_EQ(parse_expression(activation, "x*(pi/2+3*0.1)^2").constants.size(), 1U);
  EXPECT_EQ(parse_expression(activation, "x/3*(2+5)").constants, (std::vector<double>{7}));
}

TEST(Expression, equal_numbers_are_one_scalar) {
  EXPECT_EQ(parse_expression(activation, "0.3*x+sin(0.3*x)").constants, (std::vector<double>{0.3}));
}

TEST(Expression, a_number_that_f32_cannot_hold_is_not_folded) {
  EXPECT_EQ(printed("x+1/0"), "x+1/0");
  EXPECT_EQ(printed("x*(1e30*1e30)"), "x*1e+30^2");
}

TEST(Expression, whole_powers_are_multiplications) {
  EXPECT_EQ(count_of(parse_expression(activation, "x^8"), Op::multiply), 3U);
  EXPECT_EQ(count_of(parse_expression(activation, "x^-7"), Op::multiply), 4U);
  EXPECT_EQ(count_of(parse_expression(activation, "x^16"), Op::math), 0U);
  EXPECT_EQ(count_of(parse_expression(activation, "x^17"), Op::math), 2U);
  EXPECT_EQ(printed("x^0"), "1");
  for (int n = 1; n <= 16; ++n) EXPECT_EQ(at("x^" + std::to_string(n), 2), std::pow(2, n));
}

TEST(Expression, printing_uses_as_few_parentheses_as_it_can) {
  for (const char* text : {"x",        "-x",      "-x^2",         "(-x)^2",          "x+x*x^3",
                           "(x+1)*x",  "x-(x-1)", "x-x-1",        "x/(x*3)",         "x/x*3",
                           "-(x*3)",   "-x*3",    "x^2",          "(x+1)^5",         "(x^9)^2",
                           "x*(-x)",   "x-(-x)",  "min(x,-x)",    "where(x<1,x,-x)", "abs(x)*sign(x)",
                           "-1.5*x",   "x-1e-08", "alpha*x+beta", "1/x^2",           "where(x==0,1,sin(x)/x)",
                           "-(-1.5+x)"})
    EXPECT_EQ(printed(text), text);
}

TEST(Expression, printing_drops_what_means_nothing) {
  EXPECT_EQ(printed("((x))+(x*((2)))"), "x+x*2");
  EXPECT_EQ(printed("x*x"), "x^2");
  EXPECT_EQ(printed("where(x>=1,x,0)"), "where(x<1,0,x)");
  EXPECT_EQ(printed("x*0.250"), "x*0.25");
  EXPECT_EQ(printed("x*(1/3)"), "x*0.3333333333333333");
}

TEST(Expression, stable_forms_replace_naive_ones) {
  EXPECT_EQ(printed("log(sigmoid(x))"), "-softplus(-x)");
  EXPECT_EQ(printed("log(1-sigmoid(x))"), "-softplus(x)");
  EXPECT_EQ(printed("log(1+exp(x))"), "softplus(x)");
  EXPECT_EQ(printed("log(exp(x)+1)"), "softplus(x)");
  EXPECT_EQ(printed("log(exp(x))"), "x");
  EXPECT_EQ(printed("log(cosh(x))"), "log_cosh(x)");
  EXPECT_EQ(printed("log(1+x)"), "log1p(x)");
  EXPECT_EQ(printed("log(1-x)"), "log1p(-x)");
  EXPECT_EQ(printed("exp(x)-1"), "expm1(x)");
  EXPECT_EQ(printed("1-exp(x)"), "-expm1(x)");
  EXPECT_EQ(printed("-1+e^x"), "expm1(x)");
  EXPECT_EQ(printed("1/(1+exp(-x))"), "sigmoid(x)");
  EXPECT_EQ(printed("log(1/(1+exp(-x)))"), "-softplus(-x)");
  EXPECT_EQ(printed("log2(sigmoid(x))"), "1.4426950408889634*(-softplus(-x))");
  EXPECT_EQ(printed("log(x*sigmoid(x))"), "log(x)+(-softplus(-x))");
  EXPECT_EQ(printed("1-0.9^k", optimizer), "-expm1(k*log(0.9))");
}

TEST(Expression, a_loss_names_the_logarithms_of_its_probability) {
  const Expression loss_of_p = parse_expression(loss, "-y*log(p)-(1-y)*log(1-p)");
  EXPECT_TRUE(loss_of_p.uses("log_p"));
  EXPECT_TRUE(loss_of_p.uses("log_1_p"));
  EXPECT_FALSE(loss_of_p.uses("p"));
  EXPECT_EQ(loss_of_p.text, "-y*log(p)-(1-y)*log(1-p)");
  EXPECT_EQ(printed("(1-p)^1.5", loss), "exp(1.5*log(1-p))");
  EXPECT_EQ(printed("log1p(-p)", loss), "log(1-p)");
  EXPECT_EQ(printed("y*log(y/p)", loss), "y*(log(y)-log(p))");
  EXPECT_EQ(printed("log(1/p)", loss), "-log(p)");
  EXPECT_EQ(printed("log(p/(1-p))", loss), "log(p)-log(1-p)");
  EXPECT_EQ(printed("log(p^2)", loss), "log(p)+log(p)");
}

TEST(Expression, memories_become_what_their_functions_say) {
  const auto next = [](const std::string& text, double memory) {
    const Expression e = parse_expression(optimizer, text);
    EXPECT_EQ(e.memories.size(), 1U);
    return evaluate_expression(e, {{"g", 3}, {"m0", memory}});
  };
  EXPECT_DOUBLE_EQ(next("ema(g,0.75)", 2), 2.25);
  EXPECT_DOUBLE_EQ(next("sum(g)", 2), 5);
  EXPECT_DOUBLE_EQ(next("trace(g,0.75)", 2), 4.5);
  EXPECT_DOUBLE_EQ(next("prev(g)", 2), 2);
}

TEST(Expression, equal_memories_are_one) {
  EXPECT_EQ(parse_expression(optimizer, "ema(g,0.9)+2*ema(g,0.9)").memories.size(), 1U);
  EXPECT_EQ(parse_expression(optimizer, "ema(g,0.9)+ema(g,0.8)").memories.size(), 2U);
  EXPECT_EQ(parse_expression(optimizer, "g+prev(ema(g,0.9))").memories.size(), 1U);
  EXPECT_EQ(parse_expression(optimizer, "g-prev(g)").memories.size(), 1U);
}

TEST(Expression, of_optimizers_prints_its_memories) {
  for (const char* text :
       {"lr*sign(ema(g,0.9))", "lr*g/(sqrt(sum(g^2))+1e-10)", "lr*(g+0.9*trace(g,0.9))", "lr*(2*g-prev(g))",
        "lr*prev(ema(g,0.99))", "ema(ema(g,0.9),t)", "0.9*prev(ema(g,0.9))+g", "sum(prev(sum(g)))"}) {
    const Expression first = parse_expression(optimizer, text);
    EXPECT_EQ(first.text, text);
    EXPECT_TRUE(have_same_graph(first, parse_expression(optimizer, first.text))) << text;
  }
}

TEST(Expression, trainable_constants_begin_at_one) {
  const Expression e = parse_expression(activation, "x*sigmoid(beta*x)");
  ASSERT_EQ(e.trainables.size(), 1U);
  EXPECT_EQ(e.trainables[0].name, "beta");
  EXPECT_NEAR(evaluate_expression(e, {{"x", 2}}), 2 / (1 + std::exp(-2.0)), 1e-6);
  EXPECT_NEAR(evaluate_expression(e, {{"x", 2}, {"beta", 0}}), 1, 1e-12);
}

TEST(Expression, its_text_shows_new_numbers) {
  Expression e = parse_expression(activation, "x*sigmoid(1.5*x)");
  e.constants[0] = -2.25;
  EXPECT_EQ(print_expression(e), "x*sigmoid(-2.25*x)");
}

TEST(Expression, is_placed_over_arrays_of_any_shape) {
  const Expression e = parse_expression(activation, "max(x,0)*1.5+1");
  Graph graph;
  const NodeId x = graph.input("pixels", ElementType::f32, Shape{2, 2});
  const NodeId c = graph.scalar("knob");
  const NodeId y = place(e, graph, {{"x", x}, {"c0", c}, {"unused", c}}).value;
  const Feed feed{.inputs = {Array::of<float>(Shape{2, 2}, {-1, 0, 1, 2})},
                  .states = {},
                  .scalars = {Array::of<float>(Shape{}, {2})}};
  EXPECT_EQ(interpret(graph, std::vector<NodeId>{y}, feed)[0], Array::of<float>(Shape{2, 2}, {1, 1, 3, 5}));
}

TEST(Expression, the_slope_of_abs_is_the_sign) {
  Graph graph;
  const NodeId x = graph.input("x", ElementType::f32, Shape{3});
  const NodeId y = place(parse_expression(activation, "abs(x)"), graph, {{"x", x}}).value;
  const NodeId slope = gradient(graph, graph.sum_all(y), std::vector<NodeId>{x})[0];
  const Feed feed{.inputs = {Array::of<float>(Shape{3}, {-2, 0, 5})}, .states = {}, .scalars = {}};
  const Array values = interpret(graph, std::vector<NodeId>{slope}, feed)[0];
  EXPECT_EQ(std::vector<float>(values.as<float>().begin(), values.as<float>().end()),
            (std::vector<float>{-1, 0, 1}));
}

TEST(Expression, macros_stand_for_their_bodies) {
  const Macro bump{.name = "bump", .parameters = {{"u", ""}, {"a", "0.25"}}, .body = "a*u^2+x"};
  const MacroTable macros{.find = [&](std::string_view name) { return name == "bump" ? &bump : nullptr; },
                          .names = {"bump"}};
  EXPECT_EQ(parse_expression(activation, "bump(x+1)", macros).text, "0.25*(x+1)^2+x");
  EXPECT_EQ(parse_expression(activation, "bump(x, 7)", macros).text, "7*x^2+x");
  EXPECT_EQ(parse_expression(activation, "bump(a=7, u=1)", macros).text, "7+x");
  EXPECT_EQ(parse_expression(activation, "-bump(x, a=x)", macros).text, "-(x*x^2+x)");
}

}  // namespace
}  // namespace astrolabe
