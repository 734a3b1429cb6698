// SPDX-License-Identifier: Apache-2.0
// What a formula is without one of its nodes, and what a familiar formula is with one: the changes that
// knock-out and knock-in experiments train.
//
//   for (const Surgery& cut : knock_outs(Vocabulary::activation, "x*sigmoid(1.5*x)"))
//     fmt::print("{} -> {}: {}\n", cut.node, cut.instead, cut.text);
//   // x*sigmoid(1.5*x) -> sigmoid(1.5*x): sigmoid(1.5*x)
//   // sigmoid(1.5*x)   -> its mean, 0.5:  x*0.5
//   // 1.5              -> 1:              x*sigmoid(x)
//   knock_ins(Vocabulary::activation, "x*sigmoid(1.5*x)", "relu")   // max(x,0)*sigmoid(1.5*x), ...
//
// Each node is replaced by the variable (the identity), by each of its inputs, and by a constant; each number
// by 1. A memory (ema, sum, trace, prev) is one node, whose input is what it remembers. A node is knocked
// into a baseline by putting the baseline where the first input that holds the variable was. What is the same
// function as before, as the baseline or as an earlier change is left out (equivalence.h), and so is what
// could learn nothing. After: Real et al., "AutoML-Zero", ICML 2020, section 4 (knock-outs and knock-ins).
// Pure; thread-safe. Cost: some milliseconds.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/graph/expression.h"

namespace astrolabe {

struct Surgery {
  std::string node;     // "sigmoid(1.5*x)"
  std::string instead;  // "its mean, 0.5"; of a knock-in the baseline's name
  std::string text;     // what is left, or made; a formula of the slot
};

// The outermost node first. Throws usage_error for a text that is no part.
[[nodiscard]] std::vector<Surgery> knock_outs(Vocabulary slot, std::string_view text);

// One for each operation of `text`. Throws usage_error for a text or a baseline that is no part.
[[nodiscard]] std::vector<Surgery> knock_ins(Vocabulary slot, std::string_view text,
                                             std::string_view baseline);

// Familiar parts of the slot that are other functions than `text`, at most `most`: activations relu, tanh,
// silu, gelu; losses that suit the same task as `text`; optimizers sgd, adam, rmsprop, lion; schedules
// constant, linear, cosine.
[[nodiscard]] std::vector<std::string> familiar_parts(Vocabulary slot, std::string_view text,
                                                      std::size_t most);

}  // namespace astrolabe
