// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/system/equivalence.h"

#include <gtest/gtest.h>

#include "astrolabe/parts/catalog.h"

namespace astrolabe {
namespace {

using enum Vocabulary;

bool are_equal(Vocabulary slot, std::string_view a, std::string_view b) {
  return function_key(slot, a).key == function_key(slot, b).key;
}
std::string fault_of(Vocabulary slot, std::string_view text) {
  return function_key(slot, text).fault.value_or("none");
}

TEST(Equivalence, of_activations_sees_through_how_they_are_written) {
  EXPECT_TRUE(are_equal(activation, "x*2", "x+x"));
  EXPECT_TRUE(are_equal(activation, "max(x,0)", "relu"));
  EXPECT_TRUE(are_equal(activation, "where(x<0,0,x)", "relu"));
  EXPECT_TRUE(are_equal(activation, "x*sigmoid(x)", "sigmoid(x)*x"));
  EXPECT_TRUE(are_equal(activation, "x/(1+exp(-x))", "silu"));
  EXPECT_TRUE(are_equal(activation, "tanh(x)", "2*sigmoid(2*x)-1"));
  EXPECT_TRUE(are_equal(activation, "sin(x)^2", "1-cos(x)^2"));
  EXPECT_FALSE(are_equal(activation, "silu", "gelu"));
  EXPECT_FALSE(are_equal(activation, "x*sigmoid(1.5*x)", "x*sigmoid(1.51*x)"));
  EXPECT_FALSE(are_equal(activation, "relu", "relu+1e-6*x"));
}

TEST(Equivalence, takes_trained_constants_as_variables_of_any_name) {
  EXPECT_TRUE(are_equal(activation, "x*sigmoid(beta*x)", "x*sigmoid(alpha*x)"));
  EXPECT_TRUE(are_equal(activation, "alpha*x+beta", "gamma+beta*x"));
  EXPECT_TRUE(are_equal(activation, "alpha*exp(x)+beta*x+gamma", "gamma*exp(x)+alpha*x+beta"));
  EXPECT_FALSE(are_equal(activation, "x*sigmoid(beta*x)", "x*sigmoid(x)"));  // equal only as it begins
  EXPECT_FALSE(are_equal(activation, "beta*x*x", "x*x*x"));
}

TEST(Equivalence, of_losses_is_that_of_their_slopes) {
  EXPECT_TRUE(are_equal(loss, "-y*log(p)", "cross_entropy"));
  EXPECT_TRUE(are_equal(loss, "-y*log(p)+3", "cross_entropy"));
  EXPECT_TRUE(are_equal(loss, "(y-z)^2", "z^2-2*y*z"));
  EXPECT_TRUE(are_equal(loss, "label_smoothing(0)", "cross_entropy"));
  EXPECT_FALSE(are_equal(loss, "brier", "mse"));
  EXPECT_FALSE(are_equal(loss, "focal(2)", "cross_entropy"));
}

TEST(Equivalence, of_optimizers_leaves_the_scale_to_the_learning_rate) {
  const FunctionKey one = function_key(optimizer, "lr*ema(g,0.9)");
  const FunctionKey ten = function_key(optimizer, "10*lr*ema(g,0.9)");
  EXPECT_EQ(one.key, ten.key);
  EXPECT_NEAR(ten.scale / one.scale, 10, 1e-12);
  EXPECT_TRUE(are_equal(optimizer, "lr*(0.1*g+0.9*prev(ema(g,0.9)))", "lr*ema(g,0.9)"));
  EXPECT_TRUE(are_equal(optimizer, "lr*trace(g,0.9)", "momentum"));
  EXPECT_TRUE(are_equal(optimizer, "lr*ema(g,0.9)", "momentum"));  // a tenth of it
  EXPECT_FALSE(are_equal(optimizer, "lr*g", "-lr*g"));
  EXPECT_FALSE(are_equal(optimizer, "lr*g", "g"));
  EXPECT_FALSE(are_equal(optimizer, "lr*sign(g)", "lr*max(min(g,1e-4),-1e-4)"));
  EXPECT_FALSE(are_equal(optimizer, "lr*ema(g,0.9)", "lr*ema(g,0.99)"));
  EXPECT_FALSE(are_equal(optimizer, "adam", "rmsprop"));
}

TEST(Equivalence, of_schedules_is_that_of_their_values) {
  EXPECT_TRUE(are_equal(schedule, "1-t", "linear"));
  EXPECT_TRUE(are_equal(schedule, "1", "constant"));
  EXPECT_FALSE(are_equal(schedule, "1-t", "cosine"));
}

TEST(Equivalence, says_what_nothing_can_be_learned_with) {
  EXPECT_EQ(fault_of(activation, "log(x)"), "it is not finite at 18 of 32 points from -5 to 5");
  EXPECT_EQ(fault_of(activation, "beta+2"), "it does not depend on x");
  EXPECT_EQ(fault_of(activation, "sin(x)^2+cos(x)^2"), "it is constant");
  EXPECT_EQ(fault_of(activation, "floor(x)"), "its slope is 0 everywhere");
  EXPECT_EQ(fault_of(loss, "sign(y-z)"), "it has no slope in the model's output");
  EXPECT_EQ(fault_of(loss, "log(y)*z^2"), "it is not finite at 36 of 72 points of the output");
  EXPECT_EQ(fault_of(loss, "y*log(p)"), "it pushes the output away from the truth as often as towards it");
  EXPECT_EQ(fault_of(loss, "-(y-z)^2"), "it pushes the output away from the truth as often as towards it");
  EXPECT_EQ(fault_of(optimizer, "lr*w"), "it does not look at the gradient");
  EXPECT_EQ(fault_of(optimizer, "-lr*g"), "it goes up the gradient as often as down");
  EXPECT_EQ(fault_of(optimizer, "lr*g^2"), "it goes up the gradient as often as down");
  EXPECT_EQ(fault_of(optimizer, "lr*log(g)"), "its step is not finite in 102 of 192 cases");
  EXPECT_EQ(fault_of(optimizer, "lr*(max(g,0)-max(g,0.0))"), "it never moves");
  EXPECT_EQ(fault_of(optimizer, "lr*min(abs(g),0)"), "it never moves");
  EXPECT_EQ(fault_of(schedule, "-1"), "it is nowhere above 0");
  EXPECT_EQ(fault_of(schedule, "log(t)"), "it is not finite all the way");
  EXPECT_TRUE(fault_of(activation, "x*(").starts_with("reading the activation: expected "));
}

TEST(Equivalence, finds_no_fault_with_any_named_part_written_out) {
  for (const Vocabulary slot : {activation, loss, optimizer, schedule})
    for (const PartRow& row : parts_of(slot)) {
      const std::string formula = resolve_part(slot, row.name).expression.text;
      EXPECT_EQ(fault_of(slot, formula), "none") << formula;
      EXPECT_TRUE(are_equal(slot, row.name, formula)) << formula;
    }
}

TEST(Equivalence, is_the_same_alone_and_among_others) {
  const std::vector<std::string> texts = {"x*sigmoid(beta*x)", "tanh(x)", "(", "x*sigmoid(alpha*x)", "relu"};
  const std::vector<FunctionKey> keys = function_keys(activation, texts);
  for (std::size_t i = 0; i < texts.size(); ++i)
    EXPECT_EQ(keys[i].key, function_key(activation, texts[i]).key);
  EXPECT_EQ(keys[0].key, keys[3].key);
}

}  // namespace
}  // namespace astrolabe
