// SPDX-License-Identifier: Apache-2.0
// A graph: an arena of hash-consed nodes. Equal nodes are one node, so common subexpressions cost nothing and
// a hash of the graph is a cache key.
//
//   Graph graph;
//   const NodeId x = graph.input("x", ElementType::f32, Shape{64, 16});
//   const NodeId w = graph.state("w", ElementType::f32, Shape{16, 8});
//   const NodeId y = graph.math("tanh", graph.dot(x, w));
//   std::vector<Array> values = interpret(graph, {y}, feed);
//
// Builders check shapes and types by the op table's rules and throw usage_error on what does not fit: shapes
// may come from users. Not thread-safe while it grows.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "astrolabe/graph/node.h"

namespace astrolabe {

// A leaf that a run fills: an input, a state or a scalar.
struct Slot {
  std::string name;
  ElementType type = ElementType::f32;
  Shape shape;
};

// How a window walks over a picture: steps down and across, and zeros around the picture. "Same" for filters
// of 3 x 3 is {.before = {1, 1}, .after = {1, 1}}.
struct ConvolveShape {
  std::array<std::int32_t, 2> stride{1, 1};
  std::array<std::int32_t, 2> before{0, 0}, after{0, 0};
};

class Graph {
 public:
  // ---- Leaves. A slot's name is unique among its kind; asking again for it gives the same node.
  NodeId input(std::string_view name, ElementType type, const Shape& shape);
  NodeId state(std::string_view name, ElementType type, const Shape& shape);
  NodeId scalar(std::string_view name, ElementType type = ElementType::f32);
  NodeId constant(double value, ElementType type = ElementType::f32);  // whole numbers for integer types
  NodeId iota(ElementType type, const Shape& shape, std::size_t axis);
  // Random bits u32: element i depends on (key, stream, i) alone. `key` is u32 [2].
  NodeId bits(NodeId key, const Shape& shape, std::uint32_t stream);

  // ---- Elementwise. Shapes are equal, or rank 0.
  NodeId unary(Op op, NodeId a);
  NodeId binary(Op op, NodeId a, NodeId b);
  NodeId cast(NodeId a, ElementType type);
  NodeId bitcast(NodeId a, ElementType type);
  NodeId math(std::string_view row, NodeId a);  // a row of the MATH table
  NodeId negate(NodeId a) { return unary(Op::negate, a); }
  NodeId add(NodeId a, NodeId b) { return binary(Op::add, a, b); }
  NodeId subtract(NodeId a, NodeId b) { return binary(Op::subtract, a, b); }
  NodeId multiply(NodeId a, NodeId b) { return binary(Op::multiply, a, b); }
  NodeId divide(NodeId a, NodeId b) { return binary(Op::divide, a, b); }
  NodeId minimum(NodeId a, NodeId b) { return binary(Op::minimum, a, b); }
  NodeId maximum(NodeId a, NodeId b) { return binary(Op::maximum, a, b); }
  NodeId less(NodeId a, NodeId b) { return binary(Op::less, a, b); }
  NodeId equal(NodeId a, NodeId b) { return binary(Op::equal, a, b); }
  NodeId select(NodeId condition, NodeId a, NodeId b);
  NodeId fused_multiply_add(NodeId a, NodeId b, NodeId c);

  // ---- Movement.
  NodeId reshape(NodeId a, const Shape& shape);
  NodeId permute(NodeId a, std::span<const std::size_t> axes);
  NodeId swap_last(NodeId a);                           // the last two axes
  NodeId expand(NodeId a, const Shape& shape);          // the same rank; axes of size 1 repeat
  NodeId broadcast_rows(NodeId row, std::size_t rows);  // [n] or [1, n] to [rows, n]
  NodeId pad(NodeId a, std::span<const std::size_t> before, std::span<const std::size_t> behind);
  NodeId slice(NodeId a, std::span<const std::size_t> begin, const Shape& shape,
               std::span<const std::size_t> step = {});
  NodeId concat(std::span<const NodeId> parts, std::size_t axis);

  // ---- Contractions.
  NodeId reduce(ReduceKind kind, NodeId a, std::span<const std::size_t> axes);
  NodeId sum(NodeId a, std::initializer_list<std::size_t> axes);
  NodeId sum_all(NodeId a);
  NodeId dot(NodeId a, NodeId b, bool swap_a = false, bool swap_b = false);
  NodeId take(NodeId table, NodeId index);
  NodeId add_at(NodeId rows, NodeId index, std::size_t table_rows);

  // ---- Convolutions, channels last; equal axes in front make a batch of them. convolve: x [n, h, w, c] by
  // filters [kh, kw, c, f] to [n, oh, ow, f], oh = (before + h + after - kh) / stride + 1. The others are its
  // gradients: `slopes` [n, oh, ow, f] to `pictures` [n, h, w, c], and x and slopes to `filters`.
  NodeId convolve(NodeId x, NodeId filters, const ConvolveShape& how);
  NodeId convolve_input(NodeId slopes, NodeId filters, const Shape& pictures, const ConvolveShape& how);
  NodeId convolve_filters(NodeId x, NodeId slopes, const Shape& filters, const ConvolveShape& how);

  // A slot of another graph under its name; of its own type unless told.
  NodeId slot_like(Op op, const Slot& slot, ElementType type);
  NodeId slot_like(Op op, const Slot& slot) { return slot_like(op, slot, slot.type); }

  // Any node, by its draft: checks, infers, and returns the existing one if there is one.
  NodeId append(const NodeDraft& draft);

  // References and spans stay valid while the graph grows: builders may be handed what they came from.
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  [[nodiscard]] const Node& operator[](NodeId id) const { return nodes_[id]; }
  [[nodiscard]] std::span<const NodeId> inputs(NodeId id) const {
    const Node& node = nodes_[id];
    if (node.input_count > node.few_inputs.size()) return many_inputs_[node.few_inputs[0]];
    return {node.few_inputs.data(), node.input_count};
  }
  [[nodiscard]] NodeId input_of(NodeId id, std::size_t i) const { return inputs(id)[i]; }
  [[nodiscard]] const Shape& shape(NodeId id) const { return nodes_[id].shape; }
  [[nodiscard]] ElementType type(NodeId id) const { return nodes_[id].type; }
  [[nodiscard]] bool is_constant(NodeId id, double value) const;  // a floating constant of that value

  [[nodiscard]] std::span<const Slot> input_slots() const { return input_slots_; }
  [[nodiscard]] std::span<const Slot> state_slots() const { return state_slots_; }
  [[nodiscard]] std::span<const Slot> scalar_slots() const { return scalar_slots_; }
  [[nodiscard]] const Slot& slot_of(NodeId leaf) const;  // of an input, state or scalar

 private:
  NodeId leaf(Op op, std::vector<Slot>& slots, std::string_view name, ElementType type, const Shape& shape);

  std::deque<Node> nodes_;
  std::deque<std::vector<NodeId>> many_inputs_;
  std::unordered_multimap<std::uint64_t, NodeId> by_hash_;
  std::vector<Slot> input_slots_, state_slots_, scalar_slots_;
};

// The nodes that `roots` need, inputs before readers, in ascending order of ids.
[[nodiscard]] std::vector<NodeId> reachable(const Graph& graph, std::span<const NodeId> roots);

// The windows of a convolution or of one of its gradients.
[[nodiscard]] ConvolveShape convolve_shape(const Attributes& attributes);

// Copies what `roots` need into another graph; `known` maps nodes of `from` to nodes of `to` and grows with
// what is copied. Returns the copies of the roots. Leaves that are not known become leaves of the same name.
std::vector<NodeId> copy_into(const Graph& from, std::span<const NodeId> roots, Graph& to,
                              std::unordered_map<NodeId, NodeId>& known);

}  // namespace astrolabe
