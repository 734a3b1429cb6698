// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "astrolabe/graph/math_table.h"
#include "astrolabe/graph/threefry.h"
#include "astrolabe/passes/pass_catalog.h"

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

// graph/threefry.h, step by step, for every element at once.
NodeId expand_bits(Graph& to, NodeId key, const Shape& shape, std::uint32_t stream) {
  const auto number = [&](std::uint32_t value) { return to.constant(value, ElementType::u32); };
  const NodeId first = word_of(to, key, 0), second = word_of(to, key, 1);
  const NodeId third =
      to.binary(Op::exclusive_or, to.binary(Op::exclusive_or, first, second), number(kThreefryParity));
  const std::array<NodeId, 3> keys = {first, second, third};
  NodeId a = to.add(to.iota(ElementType::u32, Shape{shape.element_count()}, 0), keys[0]);
  NodeId b = to.add(number(stream), keys[1]);
  for (std::uint32_t round = 0; round < 20; ++round) {
    a = to.add(a, b);
    b = to.binary(Op::exclusive_or, rotate_left(to, b, kThreefryRotations[round % 8]), a);
    if (round % 4 != 3) continue;
    const std::uint32_t injection = round / 4 + 1;
    a = to.add(a, keys[injection % 3]);
    b = to.add(b, to.add(keys[(injection + 1) % 3], number(injection)));
  }
  return to.reshape(a, shape);
}

}  // namespace

Rewritten expand_functions(const Graph& graph, std::span<const NodeId> roots) {
  return rewrite(graph, roots, [](Graph& to, const NodeDraft& draft, NodeId) {
    if (draft.op == Op::bits && to.shape(draft.inputs[0]) == Shape{2}) {
      return expand_bits(to, draft.inputs[0], draft.wanted.shape,
                         static_cast<std::uint32_t>(draft.attributes.value));
    }
    const NodeId node = to.append(draft);
    return draft.op == Op::math ? expand_math(to, node) : node;
  });
}

}  // namespace astrolabe
