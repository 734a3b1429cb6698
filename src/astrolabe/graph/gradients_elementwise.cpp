// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/graph/gradient_rules.h"
#include "astrolabe/graph/graph.h"
#include "astrolabe/graph/math_derivative.h"
#include "astrolabe/graph/math_table.h"
#include "astrolabe/graph/op_families.h"

namespace astrolabe::ops {
namespace {

// The gradient where `condition` holds, to input `if_true`, and elsewhere, to input `if_false`.
struct Split {
  NodeId if_true, if_false;
};

Split split_by(const GradientRequest& request, NodeId condition) {
  Graph& graph = request.graph;
  const NodeId zero = graph.constant(0, graph.type(request.gradient));
  return {graph.select(condition, request.gradient, zero), graph.select(condition, zero, request.gradient)};
}

}  // namespace

std::vector<NodeId> cast_gradient(const GradientRequest& request) {
  Graph& graph = request.graph;
  const ElementType type = graph.type(graph.input_of(request.node, 0));
  if (!is_floating(type)) return {kNoNode};
  return {graph.cast(request.gradient, gradient_type(type))};
}

std::vector<NodeId> negate_gradient(const GradientRequest& request) {
  return {to_input(request, 0, request.graph.negate(request.gradient))};
}

std::vector<NodeId> math_gradient(const GradientRequest& request) {
  Graph& graph = request.graph;
  const MathRow& row = math_rows()[static_cast<std::size_t>(graph[request.node].attributes.value)];
  if (row.derivative == "0") return {kNoNode};
  const NodeId x = graph.input_of(request.node, 0);
  const NodeId slope = build_derivative(graph, row.derivative, {.x = x, .y = request.node});
  return {graph.multiply(request.gradient, slope)};
}

std::vector<NodeId> add_gradient(const GradientRequest& request) {
  return {to_input(request, 0, request.gradient), to_input(request, 1, request.gradient)};
}

std::vector<NodeId> subtract_gradient(const GradientRequest& request) {
  return {to_input(request, 0, request.gradient),
          to_input(request, 1, request.graph.negate(request.gradient))};
}

std::vector<NodeId> multiply_gradient(const GradientRequest& request) {
  Graph& graph = request.graph;
  const NodeId a = graph.input_of(request.node, 0);
  const NodeId b = graph.input_of(request.node, 1);
  return {to_input(request, 0, graph.multiply(request.gradient, b)),
          to_input(request, 1, graph.multiply(request.gradient, a))};
}

// d(a/b)/db = -(a/b)/b: the quotient is there already.
std::vector<NodeId> divide_gradient(const GradientRequest& request) {
  Graph& graph = request.graph;
  const NodeId b = graph.input_of(request.node, 1);
  const NodeId share = graph.divide(request.gradient, b);
  return {to_input(request, 0, share),
          to_input(request, 1, graph.negate(graph.multiply(share, request.node)))};
}

// To the side that was chosen; of equal numbers that is the second one.
std::vector<NodeId> minimum_gradient(const GradientRequest& request) {
  Graph& graph = request.graph;
  const NodeId a = graph.input_of(request.node, 0);
  const NodeId b = graph.input_of(request.node, 1);
  const auto [to_a, to_b] = split_by(request, graph.less(a, b));
  return {to_input(request, 0, to_a), to_input(request, 1, to_b)};
}

std::vector<NodeId> maximum_gradient(const GradientRequest& request) {
  Graph& graph = request.graph;
  const NodeId a = graph.input_of(request.node, 0);
  const NodeId b = graph.input_of(request.node, 1);
  const auto [to_a, to_b] = split_by(request, graph.less(b, a));
  return {to_input(request, 0, to_a), to_input(request, 1, to_b)};
}

std::vector<NodeId> select_gradient(const GradientRequest& request) {
  const auto [to_a, to_b] = split_by(request, request.graph.input_of(request.node, 0));
  return {kNoNode, to_input(request, 1, to_a), to_input(request, 2, to_b)};
}

std::vector<NodeId> fused_multiply_add_gradient(const GradientRequest& request) {
  Graph& graph = request.graph;
  const NodeId a = graph.input_of(request.node, 0);
  const NodeId b = graph.input_of(request.node, 1);
  return {to_input(request, 0, graph.multiply(request.gradient, b)),
          to_input(request, 1, graph.multiply(request.gradient, a)), to_input(request, 2, request.gradient)};
}

}  // namespace astrolabe::ops
