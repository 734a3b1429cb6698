// SPDX-License-Identifier: Apache-2.0
// The MATH table: functions of one real variable that expressions may use. A row is written once, as
// elementary operations of the IR (no library, no tables), so that the interpreter, compiled code and every
// instruction set agree in every bit. A search primitive is a row here.
//
//   find_math_row("tanh")->derivative   // "1 - y*y"
//   expand_math(graph, node)            // the node's value in elementary operations
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "astrolabe/graph/node.h"

namespace astrolabe {

class Graph;

struct MathRow {
  std::string_view name;
  // The value at x (f32 or f64) in elementary operations. Null: the machine has the operation itself,
  // correctly rounded (sqrt, floor, round).
  NodeId (*expand)(Graph& graph, NodeId x);
  // An expression in x and y, y being the value at x. "0": flat almost everywhere.
  std::string_view derivative;
  // Bound of the error in units in the last place of the exact value, over the domain, in f32; tested. (In
  // f64 it is 4.) Where `doc` says so, values that are about to become subnormal are 0 instead.
  double ulp;
  // Where the value is a finite number in f32 (inclusive), and the values that it can take there.
  double domain_low, domain_high;
  double range_low, range_high;
  std::string_view doc;  // one sentence
};

[[nodiscard]] std::span<const MathRow> math_rows();
[[nodiscard]] std::optional<std::size_t> math_row_index(std::string_view name);
[[nodiscard]] const MathRow* find_math_row(std::string_view name);  // null when there is none

// A node of Op::math as elementary operations; itself when the machine has it.
NodeId expand_math(Graph& graph, NodeId node);

}  // namespace astrolabe
