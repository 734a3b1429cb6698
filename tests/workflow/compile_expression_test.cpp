// SPDX-License-Identifier: Apache-2.0
// What `compile` shows: the right slot, simple formulas, derivatives that are right, every view.
#include "astrolabe/workflow/compile_expression.h"

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/parts/catalog.h"

namespace astrolabe::testing {
namespace {

TEST(Formulas, are_of_the_slot_that_their_names_say) {
  for (const auto& [text, slot] : {std::pair{"x*sigmoid(x)", Vocabulary::activation},
                                   {"gelu", Vocabulary::activation},
                                   {"focal(2)", Vocabulary::loss},
                                   {"log(cosh(y-z))", Vocabulary::loss},
                                   {"adamw", Vocabulary::optimizer},
                                   {"lr*sign(ema(g,0.9))", Vocabulary::optimizer},
                                   {"cos(pi/2*t)", Vocabulary::schedule},
                                   {"cosine", Vocabulary::schedule},
                                   {"3", Vocabulary::activation}})
    EXPECT_EQ(guess_vocabulary(text), slot) << text;
}

TEST(Formulas, are_simplified) {
  const auto formulas = [](Vocabulary slot, std::string_view text) {
    return formulas_of(resolve_part(slot, text).expression);
  };
  EXPECT_EQ(formulas(Vocabulary::activation, "1*x+0*x")[0].text, "x");
  EXPECT_EQ(formulas(Vocabulary::activation, "x^2")[1].name, "d/dx");
  EXPECT_EQ(formulas(Vocabulary::loss, "log(cosh(y-z))")[1].name, "d/dz");
  EXPECT_EQ(formulas(Vocabulary::optimizer, "sgd").size(), 1U);
  EXPECT_EQ(formulas(Vocabulary::activation, "x*sigmoid(beta*x)")[2].name, "d/dbeta");
}

TEST(Formulas, that_would_be_too_long_are_left_out) {
  std::string text = "x";
  while (text.size() < 1500) text = "(" + text + "+sin(" + text + "))";
  const std::vector<Formula> formulas = formulas_of(resolve_part(Vocabulary::activation, text).expression);
  EXPECT_FALSE(formulas[0].text.empty());
  EXPECT_EQ(formulas[1].text, "");
}

// The derivative's text, read again, against a difference of the expression.
TEST(Formulas, of_derivatives_read_again_are_the_slope) {
  for (const PartRow& row : parts_of(Vocabulary::activation)) {
    const Expression expression = resolve_part(Vocabulary::activation, row.name).expression;
    const std::vector<Formula> formulas = formulas_of(expression);
    for (const double x : {-1.7, -0.3, 0.4, 2.1}) {
      const auto at = [&](std::string_view text, double where) {
        return evaluate_expression(parse_expression(Vocabulary::activation, text), {{"x", where}});
      };
      const double slope = (evaluate_expression(expression, {{"x", x + 1e-6}}) -
                            evaluate_expression(expression, {{"x", x - 1e-6}})) /
                           2e-6;
      EXPECT_NEAR(at(formulas[1].text, x), slope, 1e-6) << formulas[1].text;
      EXPECT_NEAR(at(formulas[0].text, x), evaluate_expression(expression, {{"x", x}}), 1e-9)
          << formulas[0].text;
    }
  }
}

TEST(CompileExpression, shows_every_pass_and_machine_code) {
  for (const std::string text : {"x*sigmoid(1.5*x)", "focal(2)", "adamw", "cosine"}) {
    const CompiledExpression shown = compile_expression({.text = text, .wants_machine = true});
    EXPECT_FALSE(shown.graph.empty());
    EXPECT_FALSE(shown.gradient.empty());
    EXPECT_EQ(shown.passes.front().name, "simplify");
    EXPECT_EQ(shown.passes.back().name, "lower");
    EXPECT_NE(shown.loops.find("nest"), std::string::npos);
    EXPECT_NE(shown.llvm.find("define"), std::string::npos);
    EXPECT_NE(shown.assembly.find("ret"), std::string::npos);
  }
}

TEST(CompileExpression, leaves_passes_out_and_refuses_unknown_ones) {
  const CompiledExpression shown = compile_expression({.text = "gelu", .passes_off = {"simplify"}});
  EXPECT_NE(shown.passes.front().name, "simplify");
  EXPECT_THROW((void)compile_expression({.text = "gelu", .passes_off = {"simplifi"}}), Error);
}

}  // namespace
}  // namespace astrolabe::testing
