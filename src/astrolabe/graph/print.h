// SPDX-License-Identifier: Apache-2.0
// A graph as text for people, a node per line: "%5 = dot %2, %4 : f32 [64, 8]".
#pragma once

#include <span>
#include <string>

#include "astrolabe/graph/graph.h"

namespace astrolabe {

// The nodes that the roots need, numbered anew from 0; leaves by name, constants by value, MATH rows by name,
// attributes where they say something; the last line names the roots.
[[nodiscard]] std::string print_graph(const Graph& graph, std::span<const NodeId> roots);

}  // namespace astrolabe
