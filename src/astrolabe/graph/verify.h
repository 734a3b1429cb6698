// SPDX-License-Identifier: Apache-2.0
// Checks that a graph keeps its promises. Runs after every pass; a broken graph is our fault, never the
// caller's.
#pragma once

#include <span>

#include "astrolabe/graph/graph.h"

namespace astrolabe {

// Every needed node: inputs come before it, their number fits, type and shape are what the op table's rule
// says, unused attributes are 0. Fails a check, naming the node, otherwise.
void verify(const Graph& graph, std::span<const NodeId> roots);

}  // namespace astrolabe
