// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/graph/gradient_rules.h"

#include <array>

#include "astrolabe/graph/graph.h"

namespace astrolabe {

NodeId to_input(const GradientRequest& request, std::size_t i, NodeId share) {
  Graph& graph = request.graph;
  const NodeId input = graph.input_of(request.node, i);
  if (!is_floating(graph.type(input))) return kNoNode;
  const bool was_repeated = graph.shape(input).rank() == 0 && graph.shape(share).rank() > 0;
  return was_repeated ? graph.sum_all(share) : share;
}

NodeId filled(Graph& graph, double value, ElementType type, const Shape& shape) {
  const NodeId number = graph.constant(value, type);
  if (shape.rank() == 0) return number;
  std::array<std::size_t, kMaxRank> ones{};
  ones.fill(1);
  return graph.expand(graph.reshape(number, Shape(std::span(ones.data(), shape.rank()))), shape);
}

ElementType gradient_type(ElementType type) {
  return is_storage_only(type) ? ElementType::f32 : type;
}

}  // namespace astrolabe
