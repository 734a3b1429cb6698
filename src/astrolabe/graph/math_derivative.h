// SPDX-License-Identifier: Apache-2.0
// The derivative of a row of the MATH table, from its text to nodes.
//
//   build_derivative(graph, "1 - y*y", {x, y})   // y being tanh(x)
//
// expression = term {(+|-) term}, term = factor {(*|/) factor}, factor = -factor | primary [^ whole number],
// primary = number | x | y | row(expression) | (expression).
#pragma once

#include <string_view>

#include "astrolabe/graph/graph.h"

namespace astrolabe {

struct DerivativeAt {
  NodeId x = kNoNode;  // of type f32 or f64
  NodeId y = kNoNode;  // the row's value at x
};

// Numbers get the type of x. The text comes from the MATH table, so a mistake in it is our bug:
// InternalError.
[[nodiscard]] NodeId build_derivative(Graph& graph, std::string_view text, DerivativeAt at);

}  // namespace astrolabe
