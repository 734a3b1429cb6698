// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/search_formulas.h"

#include <cmath>

#include <gtest/gtest.h>

namespace astrolabe {
namespace {

FormulaCurves drawn(const std::string& slot, const std::string& text) {
  const auto curves = curves_of({.slot = slot, .text = text, .derivative = ""});
  if (!curves) throw std::runtime_error("nothing is drawn");
  return *curves;
}

TEST(FormulaCurves, of_an_activation_are_its_values_and_slopes) {
  const FormulaCurves curves = drawn("activation", "x*tanh(x)");
  ASSERT_EQ(curves.at.size(), curves.curves[0].value.size());
  for (std::size_t i = 0; i < curves.at.size(); ++i) {
    const double x = curves.at[i], th = std::tanh(x);
    EXPECT_NEAR(curves.curves[0].value[i], x * th, 1e-9) << x;
    const bool is_border = i == 0 || i + 1 == curves.at.size();
    EXPECT_NEAR(curves.curves[0].slope[i], th + x * (1 - th * th), is_border ? 1e-3 : 1e-6) << x;
  }
}

TEST(FormulaCurves, name_the_part_that_is_nearest) {
  const FormulaCurves same = drawn("mlp.activation", "x/(1+exp(-x))");
  EXPECT_EQ(same.nearest, "silu");
  EXPECT_LT(same.difference, 1e-9);
  const FormulaCurves near = drawn("activation", "max(x,0.02*x)");
  EXPECT_EQ(near.nearest, "leaky_relu");
  EXPECT_GT(near.difference, 0.01);
}

TEST(FormulaCurves, of_a_loss_of_classes_are_those_for_the_true_class) {
  const FormulaCurves curves = drawn("loss", "-y*log(p)");
  EXPECT_EQ(curves.nearest, "cross_entropy");
  for (std::size_t i = 0; i < curves.at.size(); i += 20)
    EXPECT_NEAR(curves.curves[0].value[i], std::log1p(std::exp(-curves.at[i])), 1e-9);
  for (const FormulaCurve& curve : curves.curves) EXPECT_NE(curve.name, "mse");
}

TEST(FormulaCurves, of_a_loss_of_numbers_are_over_the_error) {
  const FormulaCurves curves = drawn("loss", "abs(y-z)^3");
  EXPECT_NEAR(curves.curves[0].value.back(), 125, 1e-9);
  for (const FormulaCurve& curve : curves.curves) EXPECT_NE(curve.name, "cross_entropy");
}

TEST(FormulaCurves, of_a_schedule_are_over_the_fraction_of_training) {
  const FormulaCurves curves = drawn("schedule", "1-t");
  EXPECT_EQ(curves.variable, "t");
  EXPECT_EQ(curves.nearest, "linear");
  EXPECT_NEAR(curves.curves[0].slope[100], -1, 1e-9);
}

TEST(FormulaCurves, of_what_cannot_be_drawn_are_nothing) {
  EXPECT_FALSE(curves_of({.slot = "optimizer", .text = "lr*g", .derivative = ""}));
  EXPECT_FALSE(curves_of({.slot = "activation", .text = "nonsense(((", .derivative = ""}));
  EXPECT_FALSE(curves_of({.slot = "architecture", .text = "64,64", .derivative = ""}));
}

}  // namespace
}  // namespace astrolabe
