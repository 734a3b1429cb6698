// SPDX-License-Identifier: Apache-2.0
#include <unordered_map>
#include <vector>

#include "astrolabe/passes/pass_catalog.h"

namespace astrolabe {
namespace {

// How many needed nodes read each node, counting repeated reads.
std::vector<int> count_readers(const Graph& graph, std::span<const NodeId> roots) {
  std::vector<int> readers(graph.size(), 0);
  for (const NodeId id : reachable(graph, roots))
    for (const NodeId input : graph.inputs(id)) ++readers[input];
  for (const NodeId root : roots) ++readers[root];
  return readers;
}

}  // namespace

Rewritten fuse_multiply_add(const Graph& graph, std::span<const NodeId> roots) {
  const std::vector<int> readers = count_readers(graph, roots);
  // Products of the old graph that one sum alone reads, by the node that they become.
  Rewritten result;
  std::unordered_map<NodeId, bool> is_single;
  std::vector<NodeId> order = reachable(graph, roots);
  std::size_t next = 0;
  result = rewrite(graph, roots, [&](Graph& to, const NodeDraft& draft) {
    // Rewriting visits the needed nodes in order, leaves apart.
    while (graph[order[next]].op == Op::input || graph[order[next]].op == Op::state ||
           graph[order[next]].op == Op::scalar)
      ++next;
    const NodeId old = order[next++];
    const bool is_sum = (draft.op == Op::add || draft.op == Op::subtract) && is_floating(draft.wanted.type);
    const auto is_product = [&](NodeId input) {
      return to[input].op == Op::multiply && is_single.contains(input) && is_single[input] &&
             (to.shape(input) == draft.wanted.shape);
    };
    NodeId node = kNoNode;
    if (is_sum && is_product(draft.inputs[0])) {
      const NodeId product = draft.inputs[0];
      const NodeId rest = draft.op == Op::add ? draft.inputs[1] : to.negate(draft.inputs[1]);
      node = to.fused_multiply_add(to.input_of(product, 0), to.input_of(product, 1), rest);
    } else if (is_sum && is_product(draft.inputs[1])) {
      const NodeId product = draft.inputs[1];
      const NodeId a = to.input_of(product, 0);
      node = to.fused_multiply_add(draft.op == Op::add ? a : to.negate(a), to.input_of(product, 1),
                                   draft.inputs[0]);
    } else {
      node = to.append(draft);
    }
    // Two old products may become one node: then it has more readers than one.
    const auto [seen, is_new] = is_single.try_emplace(node, readers[old] == 1);
    if (!is_new) seen->second = false;
    return node;
  });
  return result;
}

}  // namespace astrolabe
