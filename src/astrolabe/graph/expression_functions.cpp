// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/graph/expression_functions.h"

#include <algorithm>
#include <array>

namespace astrolabe {
namespace {

using Builder = ExpressionBuilder;
using Inputs = std::span<const NodeId>;

constexpr std::array<FunctionRow, 9> kFunctions{{
    // name, inputs, how many, has a memory, build, doc
    {"min", "a, b", 2, false, [](Builder& b, Inputs in) { return b.minimum(in[0], in[1]); },
     "The smaller one; b when either is NaN."},
    {"max", "a, b", 2, false, [](Builder& b, Inputs in) { return b.maximum(in[0], in[1]); },
     "The larger one; b when either is NaN."},
    {"pow", "a, b", 2, false, [](Builder& b, Inputs in) { return b.power(in[0], in[1]); }, "a^b."},
    {"square", "a", 1, false, [](Builder& b, Inputs in) { return b.multiply(in[0], in[0]); }, "a^2."},
    {"where", "a < b, u, v", 3, false, nullptr, "u where the comparison holds, v elsewhere."},
    {"ema", "e, beta", 2, true, [](Builder& b, Inputs in) { return b.ema(in[0], in[1]); },
     "The moving average beta*m + (1-beta)*e."},
    {"sum", "e", 1, true, [](Builder& b, Inputs in) { return b.sum(in[0]); }, "The sum of e over the steps."},
    {"trace", "e, a", 2, true, [](Builder& b, Inputs in) { return b.trace(in[0], in[1]); },
     "The decaying sum a*m + e."},
    {"prev", "e", 1, true, [](Builder& b, Inputs in) { return b.previous(in[0]); },
     "What e was a step before; 0 at the first."},
}};

}  // namespace

std::span<const FunctionRow> function_rows() {
  return kFunctions;
}

const FunctionRow* find_function(std::string_view name) {
  const auto* row = std::ranges::find(kFunctions, name, &FunctionRow::name);
  return row == kFunctions.end() ? nullptr : row;
}

}  // namespace astrolabe
