// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/graph/verify.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/graph/element_visit.h"
#include "astrolabe/graph/op.h"
#include "astrolabe/graph/refusal.h"

namespace astrolabe {
namespace {

std::string named(const Graph& graph, NodeId id, const std::string& what) {
  return fmt::format("node {} ({}): {}", id, op_rule(graph[id].op).name, what);
}

void verify_slot(const Graph& graph, NodeId id, std::span<const Slot> slots) {
  const Node& node = graph[id];
  ASTROLABE_CHECK(node.attributes.value >= 0 && node.slot() < slots.size(),
                  named(graph, id, "its slot is there"));
  ASTROLABE_CHECK(slots[node.slot()].type == node.type && slots[node.slot()].shape == node.shape,
                  named(graph, id, "it has the type and shape of its slot"));
}

void verify_leaf(const Graph& graph, NodeId id) {
  const Node& node = graph[id];
  if (node.op == Op::input) verify_slot(graph, id, graph.input_slots());
  if (node.op == Op::state) verify_slot(graph, id, graph.state_slots());
  if (node.op == Op::scalar) verify_slot(graph, id, graph.scalar_slots());
  if (node.op == Op::scalar || node.op == Op::constant)
    ASTROLABE_CHECK(node.shape.rank() == 0, named(graph, id, "it is one number"));
  if (node.op == Op::iota) {
    ASTROLABE_CHECK(is_number(node.type), named(graph, id, "indices are numbers"));
    ASTROLABE_CHECK(node.attributes.value >= 0 && node.slot() < node.shape.rank(),
                    named(graph, id, "its axis is there"));
  }
}

// Attributes as they are, without what the operation has a meaning for.
Attributes unused_attributes(const Graph& graph, NodeId id) {
  const Node& node = graph[id];
  Attributes attributes = node.attributes;
  std::size_t firsts = 0;
  std::size_t seconds = 0;
  switch (node.op) {
    case Op::input:
    case Op::state:
    case Op::scalar:
    case Op::constant:
    case Op::iota:
    case Op::bits:
    case Op::math:
    case Op::concat:
    case Op::add_at:
      attributes.value = 0;
      break;
    case Op::reduce:
      attributes.value = 0;
      firsts = graph.shape(graph.input_of(id, 0)).rank();
      break;
    case Op::permute:
      firsts = node.shape.rank();
      break;
    case Op::pad:
    case Op::slice:
      firsts = seconds = node.shape.rank();
      break;
    case Op::dot:
      firsts = 2;
      break;
    case Op::convolve:
    case Op::convolve_input:
    case Op::convolve_filters:
      firsts = 2;
      seconds = 4;
      break;
    default:
      break;
  }
  std::fill_n(attributes.first.begin(), firsts, 0);
  std::fill_n(attributes.second.begin(), seconds, 0);
  return attributes;
}

void verify_type_and_shape(const Graph& graph, NodeId id) {
  const Node& node = graph[id];
  const NodeDraft draft{.op = node.op,
                        .inputs = {graph.inputs(id).begin(), graph.inputs(id).end()},
                        .attributes = node.attributes,
                        .wanted = {node.type, node.shape}};
  const TypedShape expected = [&] {
    try {
      return op_rule(node.op).infer(graph, draft);
    } catch (const Error& error) {
      ASTROLABE_CHECK(false, named(graph, id, error.what()));
    }
  }();
  ASTROLABE_CHECK(expected.type == node.type && expected.shape == node.shape,
                  named(graph, id,
                        "its rule says " + typed_shape_text(expected.type, expected.shape) + ", the node " +
                            typed_shape_text(node.type, node.shape)));
}

}  // namespace

void verify(const Graph& graph, std::span<const NodeId> roots) {
  for (const NodeId root : roots)
    ASTROLABE_CHECK(root < graph.size(), fmt::format("root {} is a node of the graph", root));
  for (const NodeId id : reachable(graph, roots)) {
    const auto inputs = graph.inputs(id);
    const OpRule& rule = op_rule(graph[id].op);
    ASTROLABE_CHECK(std::ranges::all_of(inputs, [&](NodeId input) { return input < id; }),
                    named(graph, id, "what it reads comes before it"));
    ASTROLABE_CHECK(
        rule.inputs < 0 ? !inputs.empty() : inputs.size() == static_cast<std::size_t>(rule.inputs),
        named(graph, id, "it has as many inputs as its operation"));
    if (rule.infer == nullptr)
      verify_leaf(graph, id);
    else
      verify_type_and_shape(graph, id);
    ASTROLABE_CHECK(unused_attributes(graph, id) == Attributes{},
                    named(graph, id, "attributes without a meaning are 0"));
  }
}

}  // namespace astrolabe
