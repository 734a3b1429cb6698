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
  // Nodes of the new graph by whether one node alone reads them.
  std::unordered_map<NodeId, bool> is_single;
  return rewrite(graph, roots, [&](Graph& to, const NodeDraft& draft, NodeId from) {
    const bool is_sum = (draft.op == Op::add || draft.op == Op::subtract) && is_floating(draft.wanted.type);
    const auto is_product = [&](NodeId input) {
      const auto single = is_single.find(input);
      return to[input].op == Op::multiply && single != is_single.end() && single->second &&
             to.shape(input) == draft.wanted.shape;
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
    const auto [seen, is_new] = is_single.try_emplace(node, readers[from] == 1);
    if (!is_new) seen->second = false;
    return node;
  });
}

}  // namespace astrolabe
