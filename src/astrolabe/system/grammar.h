// SPDX-License-Identifier: Apache-2.0
// A grammar of formulas: a start and rules, in which <u> stands for any alternative of the rule u.
//
//   const Grammar waves{.name = "waves", .slot = Vocabulary::activation, .start = "<u>+<u>",
//                       .rules = {{"u", {"x", "sin(<u>)", "<u>*<u>"}}}, .depth = 3};
//   write_grammar(SpaceWriter(draft).under("activation"), waves)(point)   // "x+sin(x*x)"
//
// An alternative without non-terminals is 1 deep; every <u> of another adds the depth of what replaces it.
// What can no longer end within the depth is not offered. A comparison is written with blanks: a < b.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "astrolabe/graph/expression.h"
#include "astrolabe/system/space_writer.h"

namespace astrolabe {

inline constexpr std::size_t kMaxGrammarDepth = 12;
inline constexpr std::size_t kMaxGrammarDimensions = 2000;

struct Grammar {
  std::string name;
  Vocabulary slot = Vocabulary::activation;
  std::string start;                                      // a text, or the name of a rule
  std::map<std::string, std::vector<std::string>> rules;  // non-terminal -> alternatives
  std::size_t depth = 4;
};

// Throws usage_error: no rule, a rule without alternatives or with one twice, <name> without a rule, depth
// out of [1, kMaxGrammarDepth], no member within the depth, more than kMaxGrammarDimensions choices.
void require_sound(const Grammar& grammar);

// One choice per place where a non-terminal may stand: "activation.u", below it "activation.u.1". Members are
// put in parentheses where they need them. Throws what require_sound throws.
[[nodiscard]] PointText write_grammar(const SpaceWriter& slot, const Grammar& grammar);

// For people: the start, then a line per rule.
[[nodiscard]] std::string grammar_text(const Grammar& grammar);

}  // namespace astrolabe
