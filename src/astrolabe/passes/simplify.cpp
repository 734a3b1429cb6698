// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <optional>

#include "astrolabe/passes/pass_catalog.h"

namespace astrolabe {
namespace {

// What a node becomes, if a rule fits; each rule looks at the node and its inputs only.
using Simpler = std::optional<NodeId>;

// The constant below expansions, if that is what a node is everywhere.
std::optional<double> number_at(const Graph& graph, NodeId node) {
  while (graph[node].op == Op::expand || graph[node].op == Op::reshape) node = graph.input_of(node, 0);
  if (graph[node].op != Op::constant || !is_floating(graph.type(node))) return std::nullopt;
  return graph[node].constant_value();
}

bool is_number(const Graph& graph, NodeId node, double value) {
  const auto number = number_at(graph, node);
  return number && *number == value;
}

// A side of a sum or product that is the result by itself, in the shape of the result.
Simpler side(const Graph& graph, const NodeDraft& draft, NodeId kept) {
  if (graph.shape(kept) == draft.wanted.shape) return kept;
  return std::nullopt;
}

Simpler simplify_sum(Graph& graph, const NodeDraft& draft) {
  const NodeId a = draft.inputs[0], b = draft.inputs[1];
  if (draft.op == Op::add) {
    if (is_number(graph, b, 0)) return side(graph, draft, a);
    if (is_number(graph, a, 0)) return side(graph, draft, b);
    if (graph[b].op == Op::negate) return graph.subtract(a, graph.input_of(b, 0));
    if (graph[a].op == Op::negate) return graph.subtract(b, graph.input_of(a, 0));
  } else {
    if (is_number(graph, b, 0)) return side(graph, draft, a);
    if (is_number(graph, a, 0) && graph.shape(b) == draft.wanted.shape) return graph.negate(b);
    if (graph[b].op == Op::negate) return graph.add(a, graph.input_of(b, 0));
  }
  return std::nullopt;
}

Simpler simplify_product(Graph& graph, const NodeDraft& draft) {
  const NodeId a = draft.inputs[0], b = draft.inputs[1];
  if (is_number(graph, b, 1)) return side(graph, draft, a);
  if (draft.op == Op::divide) {
    // One division for all elements instead of one for each; the quotient is rounded twice.
    if (graph.shape(b).rank() > 0 || draft.wanted.shape.rank() == 0) return std::nullopt;
    return graph.multiply(a, graph.divide(graph.constant(1, draft.wanted.type), b));
  }
  if (is_number(graph, a, 1)) return side(graph, draft, b);
  if (is_number(graph, b, -1) && graph.shape(a) == draft.wanted.shape) return graph.negate(a);
  if (is_number(graph, a, -1) && graph.shape(b) == draft.wanted.shape) return graph.negate(b);
  if (graph[a].op == Op::negate && graph[b].op == Op::negate)
    return graph.multiply(graph.input_of(a, 0), graph.input_of(b, 0));
  return std::nullopt;
}

Simpler simplify_movement(Graph& graph, const NodeDraft& draft) {
  const NodeId a = draft.inputs[0];
  switch (draft.op) {
    case Op::reshape:
      if (graph.shape(a) == draft.wanted.shape) return a;
      if (graph[a].op == Op::reshape) return graph.reshape(graph.input_of(a, 0), draft.wanted.shape);
      return std::nullopt;
    case Op::expand:
      if (graph.shape(a) == draft.wanted.shape) return a;
      if (graph[a].op == Op::expand) return graph.expand(graph.input_of(a, 0), draft.wanted.shape);
      return std::nullopt;
    case Op::permute: {
      if (graph[a].op != Op::permute) return std::nullopt;
      std::vector<std::size_t> axes;
      for (std::size_t axis = 0; axis < draft.wanted.shape.rank(); ++axis) {
        const auto through = static_cast<std::size_t>(draft.attributes.first[axis]);
        axes.push_back(static_cast<std::size_t>(graph[a].attributes.first[through]));
      }
      return graph.permute(graph.input_of(a, 0), axes);
    }
    default:
      return std::nullopt;
  }
}

bool swaps_last_axes(const Graph& graph, NodeId node) {
  if (graph[node].op != Op::permute) return false;
  const std::size_t rank = graph.shape(node).rank();
  for (std::size_t axis = 0; axis + 2 < rank; ++axis)
    if (graph[node].attributes.first[axis] != static_cast<std::int32_t>(axis)) return false;
  return rank >= 2 && graph[node].attributes.first[rank - 1] == static_cast<std::int32_t>(rank - 2);
}

// Products that are none: with one term each (k = 1), element times element, which joins the nests around it;
// with one column (n = 1), a sum along each row of a, which lies as such a sum wants it.
Simpler simplify_thin_dot(Graph& graph, const NodeDraft& draft) {
  const Shape& result = draft.wanted.shape;
  if (result.rank() != 2 || draft.wanted.type != ElementType::f32) return std::nullopt;
  const bool swap_a = draft.attributes.first[0] != 0;
  const NodeId a = draft.inputs[0], b = draft.inputs[1];
  const std::size_t m = result[0], n = result[1], k = graph.shape(a)[swap_a ? 0 : 1];
  if (k == 1) {
    const NodeId column = graph.reshape(a, Shape{m, 1}), row = graph.reshape(b, Shape{1, n});
    return graph.multiply(graph.expand(column, result), graph.expand(row, result));
  }
  if (n != 1 || swap_a || k == 0) return std::nullopt;
  // b is a vector: it lies the same, swapped or not.
  const NodeId terms = graph.multiply(a, graph.expand(graph.reshape(b, Shape{1, k}), Shape{m, k}));
  return graph.reshape(graph.sum(terms, {1}), result);
}

// A product reads a transposed operand as it lies.
Simpler simplify_dot(Graph& graph, const NodeDraft& draft) {
  if (const Simpler thin = simplify_thin_dot(graph, draft)) return thin;
  std::array<NodeId, 2> sides = {draft.inputs[0], draft.inputs[1]};
  std::array<bool, 2> is_swapped = {draft.attributes.first[0] != 0, draft.attributes.first[1] != 0};
  bool has_changed = false;
  for (std::size_t i = 0; i < 2; ++i) {
    if (!swaps_last_axes(graph, sides[i])) continue;
    sides[i] = graph.input_of(sides[i], 0);
    is_swapped[i] = !is_swapped[i];
    has_changed = true;
  }
  if (!has_changed) return std::nullopt;
  return graph.dot(sides[0], sides[1], is_swapped[0], is_swapped[1]);
}

Simpler simplify_select(Graph& graph, const NodeDraft& draft) {
  if (draft.inputs[1] == draft.inputs[2]) return side(graph, draft, draft.inputs[1]);
  return std::nullopt;
}

Simpler simpler(Graph& graph, const NodeDraft& draft) {
  switch (draft.op) {
    case Op::add:
    case Op::subtract:
      if (is_floating(draft.wanted.type)) return simplify_sum(graph, draft);
      return std::nullopt;
    case Op::multiply:
    case Op::divide:
      if (is_floating(draft.wanted.type)) return simplify_product(graph, draft);
      return std::nullopt;
    case Op::negate:
      if (graph[draft.inputs[0]].op == Op::negate) return graph.input_of(draft.inputs[0], 0);
      return std::nullopt;
    case Op::reshape:
    case Op::expand:
    case Op::permute:
      return simplify_movement(graph, draft);
    case Op::select:
      return simplify_select(graph, draft);
    case Op::dot:
      return simplify_dot(graph, draft);
    default:
      return std::nullopt;
  }
}

}  // namespace

Rewritten simplify(const Graph& graph, std::span<const NodeId> roots) {
  return rewrite(graph, roots, [](Graph& to, const NodeDraft& draft, NodeId) {
    const auto node = simpler(to, draft);
    return node ? *node : to.append(draft);
  });
}

}  // namespace astrolabe
