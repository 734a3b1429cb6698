// SPDX-License-Identifier: Apache-2.0
// What is said when a node does not fit: the operation, the types and shapes that it was given, and the rule.
//
//   if (a.type != b.type) throw refusal(graph, draft, "inputs of one type");
//   // building add: expected inputs of one type, found f32 [2, 3] and i32 [2, 3]. Cast or reshape ...
#pragma once

#include <string>

#include "astrolabe/base/error.h"
#include "astrolabe/graph/node.h"

namespace astrolabe {

class Graph;

// A usage error: types and shapes come from whoever builds the graph.
[[nodiscard]] Error refusal(const Graph& graph, const NodeDraft& draft, const std::string& expected);

[[nodiscard]] std::string typed_shape_text(ElementType type, const Shape& shape);  // "f32 [2, 3]"

}  // namespace astrolabe
