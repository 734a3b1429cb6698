// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/passes/rewrite.h"

namespace astrolabe {

Rewritten rewrite(const Graph& graph, std::span<const NodeId> roots, const RewriteRule& rule) {
  Rewritten result;
  std::vector<NodeId> renamed(graph.size(), kNoNode);
  for (const NodeId id : reachable(graph, roots)) {
    const Node& node = graph[id];
    if (is_slot(node.op)) {
      renamed[id] = result.graph.slot_like(node.op, graph.slot_of(id));
      continue;
    }
    NodeDraft draft{.op = node.op,
                    .inputs = {},
                    .attributes = result.graph.attributes_from(graph, id),
                    .wanted = {node.type, node.shape}};
    draft.inputs.reserve(node.input_count);
    for (const NodeId input : graph.inputs(id)) draft.inputs.push_back(renamed[input]);
    renamed[id] = rule(result.graph, draft, id);
  }
  // A rule may leave nodes behind that nobody needs; they stay in the arena and cost nothing later.
  for (const NodeId root : roots) result.roots.push_back(renamed[root]);
  return result;
}

}  // namespace astrolabe
