// SPDX-License-Identifier: Apache-2.0
// When two formulas are the same function: what they compute at fixed probe points, rounded. x*2 and x+x,
// max(x,0) and relu, a*b and b*a share a key, and nothing of that needs a rule.
//
//   function_key(Vocabulary::activation, "max(x,0)").key == function_key(Vocabulary::activation, "relu").key
//   function_key(Vocabulary::activation, "log(x)").fault   // "it is not finite at 32 of 64 points ..."
//   function_keys(Vocabulary::optimizer, texts)            // many at once: common subterms are computed once
//
// What is probed: of an activation value and slope, at inputs from -5 to 5, trained constants being variables
// too, whatever their names; of a loss the slope in the model's raw output, which is all that training sees;
// of an optimizer its steps along six gradients of many sizes, with memories, divided by the first step, so
// that a positive factor, which is the learning rate's business, makes no other key; of a schedule its
// values. Numbers are those of the interpreter in f64, rounded to 28 bits: the same on every machine.
// Functions that differ at no probe share a key although they may differ elsewhere; equal ones may miss each
// other where digits cancel. Pure; thread-safe.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/graph/expression.h"

namespace astrolabe {

struct FunctionKey {
  std::string key;   // 16 hexadecimal digits
  double scale = 1;  // of an optimizer: its first step; two with one key differ by the ratio of these
  // Why nothing could be learned with it, in words; nothing when nothing is known against it.
  std::optional<std::string> fault = {};
};

// A part or a formula. One that cannot be read has the message as its fault and its text as its key. Cost:
// 20 microseconds, 200 of an optimizer.
[[nodiscard]] FunctionKey function_key(Vocabulary slot, std::string_view text);

// The same for many: some 20,000 activations or 12,000 optimizers a second.
[[nodiscard]] std::vector<FunctionKey> function_keys(Vocabulary slot, std::span<const std::string> texts);

}  // namespace astrolabe
