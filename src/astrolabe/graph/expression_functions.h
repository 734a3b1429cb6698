// SPDX-License-Identifier: Apache-2.0
// The functions of the expression language that are not rows of the MATH table.
//
//   const FunctionRow* row = find_function("min");   // two inputs: "a, b"
//   row->build(builder, inputs)
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "astrolabe/graph/expression_builder.h"

namespace astrolabe {

struct FunctionRow {
  std::string_view name;
  std::string_view inputs;  // "a, b"
  std::size_t input_count;
  bool has_memory;  // of optimizers only
  // Null: where(), whose first input is a comparison, which only the parser can read.
  NodeId (*build)(ExpressionBuilder& builder, std::span<const NodeId> inputs);
  std::string_view doc;  // one sentence
};

[[nodiscard]] std::span<const FunctionRow> function_rows();
[[nodiscard]] const FunctionRow* find_function(std::string_view name);  // null when there is none

}  // namespace astrolabe
