// SPDX-License-Identifier: Apache-2.0
// An expression and its derivatives as formulas for people.
//
//   const Expression swish = resolve_part(Vocabulary::activation, "x*sigmoid(1.5*x)").expression;
//   formulas_of(swish)   // {"activation", "x*sigmoid(1.5*x)"}, {"d/dx", "sigmoid(1.5*x)+..."}
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/graph/expression.h"

namespace astrolabe {

struct Formula {
  std::string name;  // what it is: "loss", "d/dz"
  std::string text;  // in the language of expressions; empty: too long to be read by anybody
};

// The expression, simplified, and its derivatives in what training moves: x and trainable constants of
// activations, z and p of losses, t of schedules. Optimizers have none, and are shown as they are.
[[nodiscard]] std::vector<Formula> formulas_of(const Expression& expression);

// The variables that derivatives are taken in, those that the expression uses.
[[nodiscard]] std::vector<std::string> moved_variables(const Expression& expression);

// Which slot a text is for, by the parts and variables that it names; activation when it names none.
[[nodiscard]] Vocabulary guess_vocabulary(std::string_view text);

}  // namespace astrolabe
