// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/parts/catalog.h"

namespace astrolabe {
namespace {

using enum Vocabulary;

std::string text_of(Vocabulary slot, std::string_view text) {
  return resolve_part(slot, text).expression.text;
}

std::string message_of(Vocabulary slot, const std::string& text) {
  try {
    (void)resolve_part(slot, text);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    return error.what();
  }
  return "no error";
}

TEST(ResolvePart, takes_settings_by_place_and_by_name) {
  EXPECT_EQ(text_of(loss, "focal(3)"), "-(1-p)^3*y*log(p)");
  EXPECT_EQ(text_of(loss, " focal( gamma = 3 ) "), "-(1-p)^3*y*log(p)");
  EXPECT_EQ(text_of(loss, "focal(1.5)"), "-exp(1.5*log(1-p))*y*log(p)");
  EXPECT_EQ(text_of(activation, "leaky_relu(0.2)"), "max(x,0)+0.2*min(0,x)");
  EXPECT_EQ(text_of(activation, "leaky_relu(a=0.2)"), "max(x,0)+0.2*min(0,x)");
  EXPECT_EQ(text_of(optimizer, "momentum"), "lr*trace(g,0.9)");
  EXPECT_EQ(resolve_part(loss, "focal(3)").row, find_part(loss, "focal"));
}

TEST(ResolvePart, reads_activations_as_functions_inside_expressions) {
  const ResolvedPart mixed = resolve_part(activation, "0.5*relu(x)+0.5*leaky_relu(x^2,0.2)");
  EXPECT_EQ(mixed.row, nullptr);
  EXPECT_EQ(mixed.expression.text, "0.5*max(x,0)+0.5*(max(x^2,0)+0.2*min(0,x^2))");
  EXPECT_EQ(text_of(activation, "0.5*relu+x"), "0.5*max(x,0)+x");
  EXPECT_EQ(text_of(activation, "leaky_relu(x)"), "max(x,0)+0.01*min(0,x)");
  EXPECT_EQ(text_of(activation, "leaky_relu(x, a=beta)"), "max(x,0)+beta*min(0,x)");
}

TEST(ResolvePart, reads_other_parts_by_their_settings_inside_expressions) {
  EXPECT_EQ(text_of(loss, "0.9*mse+0.1*huber(2)"),
            "0.9*(y-z)^2+0.1*where(abs(y-z)<2,0.5*(y-z)^2,2*(abs(y-z)-1))");
  EXPECT_EQ(text_of(optimizer, "momentum(0.8)+lr*0.01*w"), "lr*trace(g,0.8)+lr*0.01*w");
  EXPECT_EQ(text_of(schedule, "cosine*warmup(0.2)"), "0.5*(1+cos(3.141592653589793*t))*min(1,t/0.2)");
}

TEST(ResolvePart, knows_the_function_behind_a_name_that_is_both) {
  EXPECT_EQ(text_of(activation, "tanh"), "tanh(x)");
  EXPECT_EQ(text_of(activation, "tanh(2*x)"), "tanh(2*x)");
  EXPECT_EQ(text_of(loss, "log_cosh"), "log_cosh(y-z)");
  EXPECT_EQ(text_of(loss, "log(cosh(y-z))"), "log_cosh(y-z)");
}

TEST(ResolvePart, offers_the_nearest_name) {
  EXPECT_EQ(message_of(activation, "geluu"),
            "reading the activation: expected a variable, number or named part of an activation, found "
            "'geluu'. Did "
            "you mean gelu?\n  geluu\n  ^");
  EXPECT_EQ(
      message_of(loss, "focl(2)"),
      "reading the loss: expected a function of a loss, found 'focl'. Did you mean focal?\n  focl(2)\n  ^");
}

TEST(ResolvePart, refuses_settings_that_a_part_does_not_have) {
  EXPECT_EQ(message_of(loss, "focal(delta=2)"),
            "reading the loss: expected a setting of focal: gamma, found 'delta'. Take it out.\n"
            "  focal(delta=2)\n        ^");
  EXPECT_EQ(
      message_of(loss, "mse(2)"),
      "reading the loss: expected mse alone: it has no settings, found '2'. Take out what is too much.\n"
      "  mse(2)\n      ^");
  EXPECT_EQ(
      message_of(activation, "elu(1, 2)"),
      "reading the activation: expected at most 1 inputs: elu(a), found '2'. Take out what is too much.\n"
      "  elu(1, 2)\n         ^");
}

TEST(CheckPart, refuses_an_activation_that_is_never_finite) {
  EXPECT_EQ(message_of(activation, "log(-1-x^2)"),
            "checking the activation log(-1-x^2): expected a finite value somewhere between x = -8 and x = "
            "8, found "
            "none. Logarithms and roots need an input above 0, as in log(1+x^2) or sqrt(abs(x)).");
  EXPECT_EQ(message_of(activation, "log(x)"), "no error");
}

TEST(CheckPart, refuses_a_constant_activation) {
  EXPECT_EQ(message_of(activation, "tanh(2)"),
            "checking the activation tanh(2): expected a value that depends on x, found a constant. An "
            "activation is a "
            "function of its input, as in x*sigmoid(x).");
}

TEST(CheckPart, refuses_a_loss_without_slope) {
  for (const char* text : {"y^2", "2", "sign(y-z)", "floor(z)*y", "z-z"}) {
    const std::string message = message_of(loss, text);
    EXPECT_NE(message.find(
                  "expected a slope in the model's output z, or its probability p, found none, so nothing "
                  "could be learned. Compare z or p with y, as in (y-z)^2; sign, floor and round are flat."),
              std::string::npos)
        << message;
  }
  for (const char* text : {"(y-z)^4", "-log(p)*y", "(y-p)^2", "log(1-p)", "log(cosh(y-z))"})
    EXPECT_EQ(message_of(loss, text), "no error");
}

TEST(CheckPart, refuses_an_optimizer_that_ignores_the_gradient) {
  EXPECT_EQ(message_of(optimizer, "lr*w"),
            "checking the optimizer lr*w: expected a step that depends on the gradient g, found none. The "
            "value is what "
            "is subtracted from the weight, as in lr*g.");
  EXPECT_EQ(message_of(optimizer, "lr*prev(sum(g))"), "no error");
}

TEST(CheckPart, refuses_a_schedule_that_cannot_train) {
  for (const char* text : {"0", "-1", "1/t", "log(t-1)"}) {
    EXPECT_NE(
        message_of(schedule, text)
            .find("expected finite values from t = 0 to t = 1, some of them above 0, found others. The value "
                  "multiplies the learning rate, as in 1-t or cos(pi/2*t)."),
        std::string::npos)
        << text;
  }
  EXPECT_EQ(message_of(schedule, "cos(pi/2*t)"), "no error");
  EXPECT_EQ(message_of(schedule, "1/sqrt(k)"), "no error");
}

}  // namespace
}  // namespace astrolabe
