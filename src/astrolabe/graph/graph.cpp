// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/graph/graph.h"

#include <algorithm>
#include <numeric>

#include "astrolabe/base/error.h"
#include "astrolabe/graph/math_table.h"
#include "astrolabe/graph/op.h"

namespace astrolabe {
namespace {

std::uint64_t hash_of(const Node& node, std::span<const NodeId> inputs) {
  // Mixed word by word: most nodes differ in their first words, and this runs once per node built.
  std::uint64_t hash = (static_cast<std::uint64_t>(node.op) << 8) + static_cast<std::uint64_t>(node.type);
  const auto mix = [&hash](std::uint64_t word) {
    hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
    hash ^= hash >> 29;
  };
  for (const std::size_t size : node.shape.dimensions()) mix(size);
  mix(static_cast<std::uint64_t>(node.attributes.value));
  for (std::size_t i = 0; i < kMaxRank; ++i) {
    mix((static_cast<std::uint64_t>(static_cast<std::uint32_t>(node.attributes.first[i])) << 32) |
        static_cast<std::uint32_t>(node.attributes.second[i]));
  }
  for (const NodeId input : inputs) mix(input);
  return hash;
}

Attributes axes_attributes(std::span<const std::size_t> axes) {
  Attributes attributes;
  for (std::size_t i = 0; i < axes.size(); ++i) attributes.first[i] = static_cast<std::int32_t>(axes[i]);
  return attributes;
}

Attributes window_attributes(const ConvolveShape& how) {
  Attributes attributes;
  std::ranges::copy(how.stride, attributes.first.begin());
  std::ranges::copy(how.before, attributes.second.begin());
  std::ranges::copy(how.after, attributes.second.begin() + 2);
  return attributes;
}

}  // namespace

ConvolveShape convolve_shape(const Attributes& attributes) {
  const auto& zeros = attributes.second;
  return {.stride = {attributes.first[0], attributes.first[1]},
          .before = {zeros[0], zeros[1]},
          .after = {zeros[2], zeros[3]}};
}

NodeId Graph::append(const NodeDraft& draft) {
  const OpRule& rule = op_rule(draft.op);
  for (const NodeId input : draft.inputs)
    ASTROLABE_CHECK(input < nodes_.size(), "a node reads nodes that are there");
  ASTROLABE_CHECK(
      rule.inputs < 0 ? !draft.inputs.empty() : static_cast<std::size_t>(rule.inputs) == draft.inputs.size(),
      "a node has as many inputs as its operation");
  const TypedShape result = rule.infer == nullptr ? draft.wanted : rule.infer(*this, draft);
  Node node{.op = draft.op,
            .type = result.type,
            .input_count = static_cast<std::uint32_t>(draft.inputs.size()),
            .shape = result.shape,
            .attributes = draft.attributes};
  const std::uint64_t hash = hash_of(node, draft.inputs);
  const auto [begin, end] = by_hash_.equal_range(hash);
  for (auto it = begin; it != end; ++it) {
    const Node& other = nodes_[it->second];
    if (other.op == node.op && other.type == node.type && other.shape == node.shape &&
        other.attributes == node.attributes && std::ranges::equal(inputs(it->second), draft.inputs))
      return it->second;
  }
  const auto id = static_cast<NodeId>(nodes_.size());
  if (draft.inputs.size() > node.few_inputs.size()) {
    node.few_inputs[0] = static_cast<NodeId>(many_inputs_.size());
    many_inputs_.push_back(draft.inputs);
  } else {
    std::ranges::copy(draft.inputs, node.few_inputs.begin());
  }
  nodes_.push_back(node);
  by_hash_.emplace(hash, id);
  return id;
}

NodeId Graph::leaf(Op op, std::vector<Slot>& slots, std::string_view name, ElementType type,
                   const Shape& shape) {
  auto slot = std::ranges::find(slots, name, &Slot::name);
  if (slot == slots.end()) {
    slots.push_back({std::string(name), type, shape});
    slot = slots.end() - 1;
  }
  ASTROLABE_CHECK(slot->type == type && slot->shape == shape, "a leaf keeps its type and shape");
  Attributes attributes;
  attributes.value = slot - slots.begin();
  return append({.op = op, .inputs = {}, .attributes = attributes, .wanted = {type, shape}});
}

NodeId Graph::input(std::string_view name, ElementType type, const Shape& shape) {
  return leaf(Op::input, input_slots_, name, type, shape);
}

NodeId Graph::state(std::string_view name, ElementType type, const Shape& shape) {
  return leaf(Op::state, state_slots_, name, type, shape);
}

NodeId Graph::scalar(std::string_view name, ElementType type) {
  return leaf(Op::scalar, scalar_slots_, name, type, Shape{});
}

NodeId Graph::slot_like(Op op, const Slot& slot, ElementType type) {
  ASTROLABE_CHECK(is_slot(op), "a leaf that a run fills");
  if (op == Op::input) return input(slot.name, type, slot.shape);
  return op == Op::state ? state(slot.name, type, slot.shape) : scalar(slot.name, type);
}

NodeId Graph::constant(double value, ElementType type) {
  Attributes attributes;
  attributes.value =
      is_floating(type) ? std::bit_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
  return append({.op = Op::constant, .inputs = {}, .attributes = attributes, .wanted = {type, Shape{}}});
}

NodeId Graph::iota(ElementType type, const Shape& shape, std::size_t axis) {
  ASTROLABE_CHECK(axis < shape.rank(), "iota along an axis that is there");
  Attributes attributes;
  attributes.value = static_cast<std::int64_t>(axis);
  return append({.op = Op::iota, .inputs = {}, .attributes = attributes, .wanted = {type, shape}});
}

NodeId Graph::bits(NodeId key, const Shape& shape, std::uint32_t stream) {
  Attributes attributes;
  attributes.value = stream;
  return append(
      {.op = Op::bits, .inputs = {key}, .attributes = attributes, .wanted = {ElementType::u32, shape}});
}

NodeId Graph::unary(Op op, NodeId a) {
  return append({.op = op, .inputs = {a}, .attributes = {}, .wanted = {}});
}

NodeId Graph::binary(Op op, NodeId a, NodeId b) {
  return append({.op = op, .inputs = {a, b}, .attributes = {}, .wanted = {}});
}

NodeId Graph::cast(NodeId a, ElementType type) {
  if (nodes_[a].type == type) return a;
  return append({.op = Op::cast, .inputs = {a}, .attributes = {}, .wanted = {type, nodes_[a].shape}});
}

NodeId Graph::bitcast(NodeId a, ElementType type) {
  if (nodes_[a].type == type) return a;
  return append({.op = Op::bitcast, .inputs = {a}, .attributes = {}, .wanted = {type, nodes_[a].shape}});
}

NodeId Graph::math(std::string_view row, NodeId a) {
  const auto index = math_row_index(row);
  ASTROLABE_CHECK(index.has_value(), "a row of the MATH table");
  Attributes attributes;
  attributes.value = static_cast<std::int64_t>(*index);
  return append({.op = Op::math, .inputs = {a}, .attributes = attributes, .wanted = {}});
}

NodeId Graph::select(NodeId condition, NodeId a, NodeId b) {
  return append({.op = Op::select, .inputs = {condition, a, b}, .attributes = {}, .wanted = {}});
}

NodeId Graph::fused_multiply_add(NodeId a, NodeId b, NodeId c) {
  return append({.op = Op::fused_multiply_add, .inputs = {a, b, c}, .attributes = {}, .wanted = {}});
}

NodeId Graph::reshape(NodeId a, const Shape& shape) {
  if (nodes_[a].shape == shape) return a;
  return append({.op = Op::reshape, .inputs = {a}, .attributes = {}, .wanted = {nodes_[a].type, shape}});
}

NodeId Graph::permute(NodeId a, std::span<const std::size_t> axes) {
  bool is_identity = true;
  for (std::size_t i = 0; i < axes.size(); ++i) is_identity = is_identity && axes[i] == i;
  if (is_identity && axes.size() == nodes_[a].shape.rank()) return a;
  return append({.op = Op::permute, .inputs = {a}, .attributes = axes_attributes(axes), .wanted = {}});
}

NodeId Graph::swap_last(NodeId a) {
  const std::size_t rank = nodes_[a].shape.rank();
  ASTROLABE_CHECK(rank >= 2, "two axes to swap");
  std::vector<std::size_t> axes(rank);
  std::iota(axes.begin(), axes.end(), std::size_t{0});
  std::swap(axes[rank - 1], axes[rank - 2]);
  return permute(a, axes);
}

NodeId Graph::expand(NodeId a, const Shape& shape) {
  if (nodes_[a].shape == shape) return a;
  return append({.op = Op::expand, .inputs = {a}, .attributes = {}, .wanted = {nodes_[a].type, shape}});
}

NodeId Graph::broadcast_rows(NodeId row, std::size_t rows) {
  const Shape& shape = nodes_[row].shape;
  const std::size_t width = shape[shape.rank() - 1];
  return expand(reshape(row, Shape{1, width}), Shape{rows, width});
}

NodeId Graph::pad(NodeId a, std::span<const std::size_t> before, std::span<const std::size_t> behind) {
  Attributes attributes = axes_attributes(before);
  bool is_nothing = true;
  for (std::size_t i = 0; i < behind.size(); ++i) {
    attributes.second[i] = static_cast<std::int32_t>(behind[i]);
    is_nothing = is_nothing && before[i] == 0 && behind[i] == 0;
  }
  if (is_nothing) return a;
  return append({.op = Op::pad, .inputs = {a}, .attributes = attributes, .wanted = {}});
}

NodeId Graph::slice(NodeId a, std::span<const std::size_t> begin, const Shape& shape,
                    std::span<const std::size_t> step) {
  Attributes attributes = axes_attributes(begin);
  for (std::size_t i = 0; i < begin.size(); ++i)
    attributes.second[i] = step.empty() ? 1 : static_cast<std::int32_t>(step[i]);
  if (nodes_[a].shape == shape && std::ranges::count(begin, std::size_t{0}) == std::ssize(begin)) return a;
  return append(
      {.op = Op::slice, .inputs = {a}, .attributes = attributes, .wanted = {nodes_[a].type, shape}});
}

NodeId Graph::concat(std::span<const NodeId> parts, std::size_t axis) {
  if (parts.size() == 1) return parts[0];
  Attributes attributes;
  attributes.value = static_cast<std::int64_t>(axis);
  return append(
      {.op = Op::concat, .inputs = {parts.begin(), parts.end()}, .attributes = attributes, .wanted = {}});
}

NodeId Graph::reduce(ReduceKind kind, NodeId a, std::span<const std::size_t> axes) {
  if (axes.empty()) return a;
  Attributes attributes;
  attributes.value = static_cast<std::int64_t>(kind);
  for (const std::size_t axis : axes) {
    ASTROLABE_CHECK(axis < nodes_[a].shape.rank(), "a reduced axis is there");
    attributes.first[axis] = 1;
  }
  return append({.op = Op::reduce, .inputs = {a}, .attributes = attributes, .wanted = {}});
}

NodeId Graph::sum(NodeId a, std::initializer_list<std::size_t> axes) {
  return reduce(ReduceKind::add, a, std::span(axes.begin(), axes.size()));
}

NodeId Graph::sum_all(NodeId a) {
  std::vector<std::size_t> axes(nodes_[a].shape.rank());
  std::iota(axes.begin(), axes.end(), std::size_t{0});
  return reduce(ReduceKind::add, a, axes);
}

NodeId Graph::dot(NodeId a, NodeId b, bool swap_a, bool swap_b) {
  Attributes attributes;
  attributes.first[0] = swap_a ? 1 : 0;
  attributes.first[1] = swap_b ? 1 : 0;
  return append({.op = Op::dot, .inputs = {a, b}, .attributes = attributes, .wanted = {}});
}

NodeId Graph::take(NodeId table, NodeId index) {
  return binary(Op::take, table, index);
}

NodeId Graph::add_at(NodeId rows, NodeId index, std::size_t table_rows) {
  Attributes attributes;
  attributes.value = static_cast<std::int64_t>(table_rows);
  return append({.op = Op::add_at, .inputs = {rows, index}, .attributes = attributes, .wanted = {}});
}

NodeId Graph::convolve(NodeId x, NodeId filters, const ConvolveShape& how) {
  return append(
      {.op = Op::convolve, .inputs = {x, filters}, .attributes = window_attributes(how), .wanted = {}});
}

NodeId Graph::convolve_input(NodeId slopes, NodeId filters, const Shape& pictures, const ConvolveShape& how) {
  return append({.op = Op::convolve_input,
                 .inputs = {slopes, filters},
                 .attributes = window_attributes(how),
                 .wanted = {nodes_[slopes].type, pictures}});
}

NodeId Graph::convolve_filters(NodeId x, NodeId slopes, const Shape& filters, const ConvolveShape& how) {
  return append({.op = Op::convolve_filters,
                 .inputs = {x, slopes},
                 .attributes = window_attributes(how),
                 .wanted = {nodes_[x].type, filters}});
}

bool Graph::is_constant(NodeId id, double value) const {
  const Node& node = nodes_[id];
  return node.op == Op::constant && is_floating(node.type) && node.constant_value() == value;
}

const Slot& Graph::slot_of(NodeId leaf) const {
  const Node& node = nodes_[leaf];
  ASTROLABE_CHECK(is_slot(node.op), "a leaf that a run fills");
  const auto& slots = node.op == Op::input   ? input_slots_
                      : node.op == Op::state ? state_slots_
                                             : scalar_slots_;
  return slots[node.slot()];
}

std::vector<NodeId> reachable(const Graph& graph, std::span<const NodeId> roots) {
  std::vector<bool> is_needed(graph.size(), false);
  for (const NodeId root : roots) is_needed[root] = true;
  std::size_t count = 0;
  // Readers have larger ids than what they read, so one sweep from behind sees every reader first.
  for (std::size_t id = graph.size(); id-- > 0;) {
    if (!is_needed[id]) continue;
    ++count;
    for (const NodeId input : graph.inputs(static_cast<NodeId>(id))) is_needed[input] = true;
  }
  std::vector<NodeId> nodes;
  nodes.reserve(count);
  for (NodeId id = 0; id < graph.size(); ++id)
    if (is_needed[id]) nodes.push_back(id);
  return nodes;
}

std::vector<NodeId> copy_into(const Graph& from, std::span<const NodeId> roots, Graph& to,
                              std::unordered_map<NodeId, NodeId>& known) {
  // What lies behind a known node is not needed.
  std::vector<bool> is_needed(from.size(), false);
  for (const NodeId root : roots) is_needed[root] = true;
  for (std::size_t id = from.size(); id-- > 0;) {
    if (!is_needed[id] || known.contains(static_cast<NodeId>(id))) continue;
    for (const NodeId input : from.inputs(static_cast<NodeId>(id))) is_needed[input] = true;
  }
  for (NodeId id = 0; id < from.size(); ++id) {
    if (!is_needed[id] || known.contains(id)) continue;
    const Node& node = from[id];
    if (is_slot(node.op)) {
      known[id] = to.slot_like(node.op, from.slot_of(id));
      continue;
    }
    NodeDraft draft{
        .op = node.op, .inputs = {}, .attributes = node.attributes, .wanted = {node.type, node.shape}};
    for (const NodeId input : from.inputs(id)) draft.inputs.push_back(known.at(input));
    known[id] = to.append(draft);
  }
  std::vector<NodeId> copies;
  for (const NodeId root : roots) copies.push_back(known.at(root));
  return copies;
}

}  // namespace astrolabe
