// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "astrolabe/graph/graph.h"
#include "astrolabe/graph/op_families.h"

namespace astrolabe::ops {
namespace {

using Sizes = std::array<std::size_t, kMaxRank>;

std::span<const std::size_t> first_of(const Sizes& sizes, std::size_t rank) {
  return {sizes.data(), rank};
}

Shape with_size(const Shape& shape, std::size_t axis, std::size_t size) {
  Sizes dimensions{};
  std::ranges::copy(shape.dimensions(), dimensions.begin());
  dimensions[axis] = size;
  return Shape(first_of(dimensions, shape.rank()));
}

// Where an axis was sliced: which elements of `size` there were read, from `begin` on, every `step`th.
struct SlicedAxis {
  std::size_t axis, begin, step, size;
};

// The slice of one axis undone: what was read goes back to its place, zeros elsewhere. Steps apart are made
// by padding a new axis behind each element: [m] to [m, 1] to [m, step] to [m * step].
NodeId spread(Graph& graph, NodeId a, const SlicedAxis& sliced) {
  const Shape shape = graph.shape(a);
  const std::size_t count = shape[sliced.axis];
  if (count == 0 || sliced.step == 1) {
    Sizes before{};
    Sizes behind{};
    before[sliced.axis] = count == 0 ? 0 : sliced.begin;
    behind[sliced.axis] = sliced.size - before[sliced.axis] - count;
    return graph.pad(a, first_of(before, shape.rank()), first_of(behind, shape.rank()));
  }
  std::size_t outer = 1;
  for (std::size_t i = 0; i < sliced.axis; ++i) outer *= shape[i];
  std::size_t inner = 1;
  for (std::size_t i = sliced.axis + 1; i < shape.rank(); ++i) inner *= shape[i];
  const std::array<std::size_t, 4> none{};
  const NodeId apart = graph.pad(graph.reshape(a, Shape{outer, count, 1, inner}), none,
                                 std::array{0UL, 0UL, sliced.step - 1, 0UL});
  // The last element needs nothing behind it but what the axis has left.
  const std::size_t reach = (count - 1) * sliced.step + 1;
  const NodeId joined = graph.slice(graph.reshape(apart, Shape{outer, count * sliced.step, inner}),
                                    std::array{0UL, 0UL, 0UL}, Shape{outer, reach, inner});
  const NodeId placed = graph.pad(joined, std::array{0UL, sliced.begin, 0UL},
                                  std::array{0UL, sliced.size - sliced.begin - reach, 0UL});
  return graph.reshape(placed, with_size(shape, sliced.axis, sliced.size));
}

}  // namespace

std::vector<NodeId> reshape_gradient(const GradientRequest& request) {
  Graph& graph = request.graph;
  const Shape shape = graph.shape(graph.input_of(request.node, 0));
  return {graph.reshape(request.gradient, shape)};
}

std::vector<NodeId> permute_gradient(const GradientRequest& request) {
  Graph& graph = request.graph;
  const Node node = graph[request.node];
  Sizes inverse{};
  for (std::size_t i = 0; i < node.shape.rank(); ++i)
    inverse[static_cast<std::size_t>(node.attributes.first[i])] = i;
  return {graph.permute(request.gradient, first_of(inverse, node.shape.rank()))};
}

std::vector<NodeId> expand_gradient(const GradientRequest& request) {
  Graph& graph = request.graph;
  const Shape shape = graph.shape(graph.input_of(request.node, 0));
  const Shape wide = graph.shape(request.node);
  std::vector<std::size_t> repeated;
  for (std::size_t i = 0; i < shape.rank(); ++i)
    if (shape[i] != wide[i]) repeated.push_back(i);
  return {graph.reshape(graph.reduce(ReduceKind::add, request.gradient, repeated), shape)};
}

std::vector<NodeId> pad_gradient(const GradientRequest& request) {
  Graph& graph = request.graph;
  const Shape shape = graph.shape(graph.input_of(request.node, 0));
  const Attributes attributes = graph[request.node].attributes;
  Sizes begin{};
  for (std::size_t i = 0; i < shape.rank(); ++i) begin[i] = static_cast<std::size_t>(attributes.first[i]);
  return {graph.slice(request.gradient, first_of(begin, shape.rank()), shape)};
}

std::vector<NodeId> slice_gradient(const GradientRequest& request) {
  Graph& graph = request.graph;
  const Shape shape = graph.shape(graph.input_of(request.node, 0));
  const Attributes attributes = graph[request.node].attributes;
  NodeId share = request.gradient;
  for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
    share = spread(graph, share,
                   {.axis = axis,
                    .begin = static_cast<std::size_t>(attributes.first[axis]),
                    .step = static_cast<std::size_t>(attributes.second[axis]),
                    .size = shape[axis]});
  }
  return {share};
}

std::vector<NodeId> concat_gradient(const GradientRequest& request) {
  Graph& graph = request.graph;
  const auto axis = static_cast<std::size_t>(graph[request.node].attributes.value);
  const std::size_t parts = graph.inputs(request.node).size();
  std::vector<NodeId> shares;
  Sizes begin{};
  for (std::size_t i = 0; i < parts; ++i) {
    const Shape shape = graph.shape(graph.input_of(request.node, i));
    shares.push_back(graph.slice(request.gradient, first_of(begin, shape.rank()), shape));
    begin[axis] += shape[axis];
  }
  return shares;
}

}  // namespace astrolabe::ops
