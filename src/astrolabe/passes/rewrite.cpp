// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/passes/rewrite.h"

namespace astrolabe {

Rewritten rewrite(const Graph& graph, std::span<const NodeId> roots, const RewriteRule& rule) {
  Rewritten result;
  std::vector<NodeId> renamed(graph.size(), kNoNode);
  for (const NodeId id : reachable(graph, roots)) {
    const Node& node = graph[id];
    switch (node.op) {
      case Op::input:
      case Op::state:
      case Op::scalar: {
        const Slot& slot = graph.slot_of(id);
        renamed[id] = node.op == Op::input   ? result.graph.input(slot.name, slot.type, slot.shape)
                      : node.op == Op::state ? result.graph.state(slot.name, slot.type, slot.shape)
                                             : result.graph.scalar(slot.name, slot.type);
        break;
      }
      default: {
        NodeDraft draft{
            .op = node.op, .inputs = {}, .attributes = node.attributes, .wanted = {node.type, node.shape}};
        draft.inputs.reserve(node.input_count);
        for (const NodeId input : graph.inputs(id)) draft.inputs.push_back(renamed[input]);
        renamed[id] = rule(result.graph, draft);
      }
    }
  }
  // A rule may leave nodes behind that nobody needs; they stay in the arena and cost nothing later.
  for (const NodeId root : roots) result.roots.push_back(renamed[root]);
  return result;
}

}  // namespace astrolabe
