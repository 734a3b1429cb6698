// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/graph/gradient.h"

#include <algorithm>

#include "astrolabe/graph/gradient_rules.h"
#include "astrolabe/graph/op.h"
#include "astrolabe/graph/refusal.h"

namespace astrolabe {
namespace {

// The nodes up to `value` through which it depends on what is asked for. What is asked for counts as given,
// so nothing is looked for behind it.
std::vector<bool> dependent_nodes(const Graph& graph, NodeId value, std::span<const NodeId> with_respect_to) {
  std::vector<bool> depends(static_cast<std::size_t>(value) + 1, false);
  for (const NodeId node : with_respect_to)
    if (node <= value) depends[node] = true;
  for (NodeId id = 0; id <= value; ++id) {
    const auto inputs = graph.inputs(id);
    depends[id] = is_floating(graph.type(id)) &&
                  (depends[id] || std::ranges::any_of(inputs, [&](NodeId input) { return depends[input]; }));
  }
  return depends;
}

}  // namespace

std::vector<NodeId> gradient(Graph& graph, NodeId value, std::span<const NodeId> with_respect_to) {
  const ElementType type = graph.type(value);
  if (graph.shape(value).rank() != 0 || !is_floating(type)) {
    throw usage_error({.attempted = "taking a gradient",
                       .expected = "a floating value of rank 0",
                       .found = typed_shape_text(type, graph.shape(value)),
                       .remedy = "Sum it first, or pull a seed back."});
  }
  return pull_back(graph, value, graph.constant(1, gradient_type(type)), with_respect_to);
}

std::vector<NodeId> pull_back(Graph& graph, NodeId value, NodeId seed,
                              std::span<const NodeId> with_respect_to) {
  const ElementType type = gradient_type(graph.type(value));
  if (!is_floating(type) || graph.type(seed) != type || graph.shape(seed) != graph.shape(value)) {
    throw usage_error({.attempted = "pulling a seed back",
                       .expected = "a floating value and a seed of its type and shape",
                       .found = typed_shape_text(graph.type(value), graph.shape(value)) + " and " +
                                typed_shape_text(graph.type(seed), graph.shape(seed)),
                       .remedy = "Cast or reshape the seed."});
  }
  const std::vector<bool> depends = dependent_nodes(graph, value, with_respect_to);
  std::vector<bool> is_given(depends.size(), false);
  for (const NodeId node : with_respect_to)
    if (node <= value) is_given[node] = true;

  // Readers have larger ids, so from behind every node's gradient is complete when its turn comes. Shares are
  // added in that order: last reader first, and of one reader its first input first.
  std::vector<NodeId> gradients(depends.size(), kNoNode);
  gradients[value] = seed;
  for (NodeId id = value + 1; id-- > 0;) {
    if (gradients[id] == kNoNode || is_given[id] || !depends[id]) continue;
    const auto rule = op_rule(graph[id].op).gradient;
    if (rule == nullptr) continue;
    const std::vector<NodeId> shares = rule({.graph = graph, .node = id, .gradient = gradients[id]});
    for (std::size_t i = 0; i < shares.size(); ++i) {
      const NodeId input = graph.input_of(id, i);
      if (shares[i] == kNoNode || !depends[input]) continue;
      NodeId& sum = gradients[input];
      sum = sum == kNoNode ? shares[i] : graph.add(sum, shares[i]);
    }
  }

  std::vector<NodeId> results;
  for (const NodeId node : with_respect_to) {
    const Shape shape = graph.shape(node);
    const bool is_reached = node <= value && gradients[node] != kNoNode;
    const NodeId result =
        is_reached ? gradients[node] : filled(graph, 0, gradient_type(graph.type(node)), shape);
    results.push_back(graph.cast(result, graph.type(node)));
  }
  return results;
}

}  // namespace astrolabe
