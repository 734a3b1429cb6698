// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "astrolabe/graph/gradient_rules.h"
#include "astrolabe/graph/graph.h"
#include "astrolabe/graph/op_families.h"

namespace astrolabe::ops {
namespace {

// What a reduction left, repeated over the axes that it removed.
NodeId repeat_over(Graph& graph, NodeId reduced, const Attributes& attributes, const Shape& shape) {
  std::array<std::size_t, kMaxRank> dimensions{};
  for (std::size_t i = 0; i < shape.rank(); ++i) dimensions[i] = attributes.first[i] != 0 ? 1 : shape[i];
  return graph.expand(graph.reshape(reduced, Shape(std::span(dimensions.data(), shape.rank()))), shape);
}

}  // namespace

// A sum gives its gradient to every element. A maximum or minimum gives it to the elements that are equal to
// it, in equal shares.
std::vector<NodeId> reduce_gradient(const GradientRequest& request) {
  Graph& graph = request.graph;
  const Node node = graph[request.node];
  const NodeId a = graph.input_of(request.node, 0);
  const Shape shape = graph.shape(a);
  if (node.reduce_kind() == ReduceKind::add)
    return {repeat_over(graph, request.gradient, node.attributes, shape)};
  std::vector<std::size_t> axes;
  for (std::size_t i = 0; i < shape.rank(); ++i)
    if (node.attributes.first[i] != 0) axes.push_back(i);
  const NodeId is_chosen = graph.equal(a, repeat_over(graph, request.node, node.attributes, shape));
  const NodeId ties = graph.reduce(ReduceKind::add, graph.cast(is_chosen, node.type), axes);
  const NodeId share = graph.divide(request.gradient, ties);
  return {graph.select(is_chosen, repeat_over(graph, share, node.attributes, shape),
                       graph.constant(0, node.type))};
}

// With C = A B, A and B being the inputs, swapped where the flags say so: dA = dC B^T, dB = A^T dC.
std::vector<NodeId> dot_gradient(const GradientRequest& request) {
  Graph& graph = request.graph;
  const NodeId a = graph.input_of(request.node, 0);
  const NodeId b = graph.input_of(request.node, 1);
  const bool swap_a = graph[request.node].attributes.first[0] != 0;
  const bool swap_b = graph[request.node].attributes.first[1] != 0;
  const NodeId to_a =
      swap_a ? graph.dot(b, request.gradient, swap_b, true) : graph.dot(request.gradient, b, false, !swap_b);
  const NodeId to_b =
      swap_b ? graph.dot(request.gradient, a, true, swap_a) : graph.dot(a, request.gradient, !swap_a, false);
  return {to_a, to_b};
}

std::vector<NodeId> take_gradient(const GradientRequest& request) {
  Graph& graph = request.graph;
  const std::size_t rows = graph.shape(graph.input_of(request.node, 0))[0];
  return {graph.add_at(request.gradient, graph.input_of(request.node, 1), rows), kNoNode};
}

std::vector<NodeId> add_at_gradient(const GradientRequest& request) {
  Graph& graph = request.graph;
  return {graph.take(request.gradient, graph.input_of(request.node, 1)), kNoNode};
}

}  // namespace astrolabe::ops
