// SPDX-License-Identifier: Apache-2.0
// Whether two expressions are one and the same program with the same numbers, node by node.
#pragma once

#include <algorithm>

#include "astrolabe/graph/expression.h"

namespace astrolabe {

inline bool have_same_graph(const Expression& a, const Expression& b) {
  const auto same_slots = [](std::span<const Slot> one, std::span<const Slot> other) {
    return std::ranges::equal(one, other, {}, &Slot::name, &Slot::name);
  };
  if (a.graph.size() != b.graph.size() || a.value != b.value || a.constants != b.constants) return false;
  for (NodeId id = 0; id < a.graph.size(); ++id) {
    const Node& one = a.graph[id];
    const Node& other = b.graph[id];
    if (one.op != other.op || one.type != other.type || one.attributes != other.attributes) return false;
    if (!std::ranges::equal(a.graph.inputs(id), b.graph.inputs(id))) return false;
  }
  return same_slots(a.graph.input_slots(), b.graph.input_slots()) &&
         same_slots(a.graph.state_slots(), b.graph.state_slots()) &&
         same_slots(a.graph.scalar_slots(), b.graph.scalar_slots()) &&
         std::ranges::equal(a.memories, b.memories, {}, &Expression::Memory::next,
                            &Expression::Memory::next) &&
         std::ranges::equal(a.trainables, b.trainables, {}, &Expression::Trainable::name,
                            &Expression::Trainable::name);
}

}  // namespace astrolabe
