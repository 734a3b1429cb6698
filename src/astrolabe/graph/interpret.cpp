// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/graph/interpret.h"

#include <algorithm>

#include <fmt/format.h>

#include "astrolabe/graph/op.h"
#include "astrolabe/graph/refusal.h"

namespace astrolabe {
namespace {

// What a run was given for a leaf.
const Array& fed(const Graph& graph, NodeId leaf, const Feed& feed) {
  const Node& node = graph[leaf];
  const std::vector<Array>& arrays = node.op == Op::input   ? feed.inputs
                                     : node.op == Op::state ? feed.states
                                                            : feed.scalars;
  const Slot& slot = graph.slot_of(leaf);
  const bool is_there = node.slot() < arrays.size();
  if (is_there && arrays[node.slot()].type() == node.type && arrays[node.slot()].shape() == node.shape)
    return arrays[node.slot()];
  throw usage_error(
      {.attempted = fmt::format("running a graph with {} \"{}\"", op_rule(node.op).name, slot.name),
       .expected = typed_shape_text(node.type, node.shape),
       .found =
           is_there ? typed_shape_text(arrays[node.slot()].type(), arrays[node.slot()].shape()) : "nothing",
       .remedy = "Give one array per slot, in the order of the slots."});
}

// The last reader of each node, so that arrays go when nobody needs them any more.
std::vector<NodeId> last_readers(const Graph& graph, std::span<const NodeId> order,
                                 std::span<const NodeId> roots) {
  std::vector<NodeId> last(graph.size(), kNoNode);
  for (const NodeId id : order)
    for (const NodeId input : graph.inputs(id)) last[input] = id;
  for (const NodeId root : roots) last[root] = kNoNode;  // kept to the end
  return last;
}

}  // namespace

std::vector<Array> interpret(const Graph& graph, std::span<const NodeId> roots, const Feed& feed) {
  const std::vector<NodeId> order = reachable(graph, roots);
  const std::vector<NodeId> last = last_readers(graph, order, roots);
  std::vector<Array> values(graph.size());
  for (const NodeId id : order) {
    const Node& node = graph[id];
    if (op_rule(node.op).evaluate == nullptr) {
      values[id] = fed(graph, id, feed);
      continue;
    }
    std::vector<const Array*> inputs;
    for (const NodeId input : graph.inputs(id)) inputs.push_back(&values[input]);
    values[id] = op_rule(node.op).evaluate({node, inputs, &graph});
    ASTROLABE_CHECK(values[id].type() == node.type && values[id].shape() == node.shape,
                    "a value has the type and shape of its node");
    for (const NodeId input : graph.inputs(id))
      if (last[input] == id) values[input] = Array();
  }
  std::vector<Array> results;
  for (const NodeId root : roots) results.push_back(values[root]);
  return results;
}

}  // namespace astrolabe
