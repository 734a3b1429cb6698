// SPDX-License-Identifier: Apache-2.0
// How passes change graphs: node by node into a new graph, in order, each node offered to a rule once its
// inputs are rewritten. What nobody needs any more is not copied.
//
//   Rewritten after = rewrite(graph, roots, [](Graph& to, const NodeDraft& node, NodeId) -> NodeId {
//     if (node.op == Op::negate && to[node.inputs[0]].op == Op::negate) return to.input_of(node.inputs[0],
//     0); return to.append(node);
//   });
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "astrolabe/graph/graph.h"

namespace astrolabe {

struct Rewritten {
  Graph graph;
  std::vector<NodeId> roots;  // in the order given
};

// The node that takes the place of a draft whose inputs are nodes of `to`; `from` is the node as it was.
using RewriteRule = std::function<NodeId(Graph& to, const NodeDraft& draft, NodeId from)>;

// Leaves keep their names; a leaf that is a root stays even if nobody reads it.
[[nodiscard]] Rewritten rewrite(const Graph& graph, std::span<const NodeId> roots, const RewriteRule& rule);

}  // namespace astrolabe
