// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/graph/threefry_nodes.h"

#include "astrolabe/graph/threefry.h"

namespace astrolabe {
namespace {

NodeId rotate_left(Graph& graph, NodeId x, std::uint32_t places) {
  const NodeId up = graph.binary(Op::shift_left, x, graph.constant(places, ElementType::u32));
  const NodeId down = graph.binary(Op::shift_right, x, graph.constant(32 - places, ElementType::u32));
  return graph.binary(Op::logical_or, up, down);
}

NodeId word_of(Graph& graph, NodeId key, std::size_t word) {
  const std::array<std::size_t, 1> begin = {word};
  return graph.reshape(graph.slice(key, begin, Shape{1}), Shape{});
}

}  // namespace

std::array<NodeId, 2> place_threefry(Graph& graph, NodeId key, const Shape& shape, std::uint32_t stream) {
  const auto number = [&](std::uint32_t value) { return graph.constant(value, ElementType::u32); };
  const NodeId first = word_of(graph, key, 0), second = word_of(graph, key, 1);
  const NodeId third =
      graph.binary(Op::exclusive_or, graph.binary(Op::exclusive_or, first, second), number(kThreefryParity));
  const std::array<NodeId, 3> keys = {first, second, third};
  NodeId a = graph.add(graph.iota(ElementType::u32, Shape{shape.element_count()}, 0), keys[0]);
  NodeId b = graph.add(number(stream), keys[1]);
  for (std::uint32_t round = 0; round < 20; ++round) {
    a = graph.add(a, b);
    b = graph.binary(Op::exclusive_or, rotate_left(graph, b, kThreefryRotations[round % 8]), a);
    if (round % 4 != 3) continue;
    const std::uint32_t injection = round / 4 + 1;
    a = graph.add(a, keys[injection % 3]);
    b = graph.add(b, graph.add(keys[(injection + 1) % 3], number(injection)));
  }
  return {graph.reshape(a, shape), graph.reshape(b, shape)};
}

}  // namespace astrolabe
