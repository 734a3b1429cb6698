// SPDX-License-Identifier: Apache-2.0
// What `astrolabe compile` shows: an expression on its way to machine code, pass by pass, and how fast it is.
//
//   const CompiledExpression shown = compile_expression({.text = "x*sigmoid(1.5*x)", .wants_times = true});
//   shown.formulas[1].text          // its derivative
//   shown.times->compiled.in_cache  // elements a second
//
// The program has one vector of kShownElements f32 for every variable, its value, and its derivatives in what
// training moves; memories of optimizers are its states.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "astrolabe/base/instruction_set.h"
#include "astrolabe/graph/expression.h"
#include "astrolabe/workflow/expression_formulas.h"

namespace astrolabe {

inline constexpr std::size_t kShownElements = 4096;
inline constexpr std::size_t kMemoryElements = std::size_t{1} << 22;  // more than any cache on the way

struct CompileRequest {
  std::string text;
  std::optional<Vocabulary> as = {};  // nothing: guessed
  std::vector<std::string> passes_off = {};
  InstructionSet set = best_instruction_set();
  bool wants_machine = false;  // LLVM's text and assembly
  bool wants_times = false;
};

struct CompiledExpression {
  struct PassView {
    std::string name;
    double seconds = 0;
    std::string text;  // the program after the pass
  };
  // Elements a second, each a value and its derivatives.
  struct Speed {
    double in_cache = 0;     // kShownElements, again and again
    double from_memory = 0;  // kMemoryElements; 0: not measured
  };
  struct Times {
    double code_generation = 0;  // seconds: all nests to machine code
    std::size_t code_bytes = 0;
    Speed compiled, tiles, reference;  // one thread
  };

  Vocabulary vocabulary = Vocabulary::activation;
  std::vector<Formula> formulas;
  std::string graph;             // of the value
  std::string gradient;          // of the value and the derivatives
  std::vector<PassView> passes;  // graph to graph, in order, then "lower"
  std::string loops;             // the plan
  std::string llvm, assembly;    // of every nest
  std::optional<Times> times;
};

// Throws usage_error of a text that cannot be read, an unknown pass, an instruction set that this processor
// lacks. With times it takes about a second.
[[nodiscard]] CompiledExpression compile_expression(const CompileRequest& request);

}  // namespace astrolabe
