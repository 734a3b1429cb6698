// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/lower/strided.h"

#include <ranges>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

// The view of a node whose input is seen as `from`; nothing when its elements cannot be walked without a
// copy.
std::optional<Strided> step_through(const Graph& graph, NodeId id, const Strided& from) {
  const Node& node = graph[id];
  const Shape& shape = node.shape;
  const Shape& before = graph.shape(graph.input_of(id, 0));
  Strided view{.root = from.root, .offset = from.offset, .strides = {}};
  switch (node.op) {
    case Op::reshape: {
      auto strides = reshape_strides(before, from.strides, shape);
      if (!strides) return std::nullopt;
      view.strides = std::move(*strides);
      return view;
    }
    case Op::permute:
      for (std::size_t axis = 0; axis < shape.rank(); ++axis)
        view.strides.push_back(from.strides[static_cast<std::size_t>(node.attributes.first[axis])]);
      return view;
    case Op::expand:
      for (std::size_t axis = 0; axis < shape.rank(); ++axis)
        view.strides.push_back(before[axis] == shape[axis] ? from.strides[axis] : 0);
      return view;
    case Op::slice:
      for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
        view.offset += node.attributes.first[axis] * from.strides[axis];
        view.strides.push_back(node.attributes.second[axis] * from.strides[axis]);
      }
      return view;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::vector<std::int64_t> row_major(const Shape& shape) {
  const auto strides = shape.row_major_strides();
  return {strides.begin(), strides.begin() + static_cast<std::ptrdiff_t>(shape.rank())};
}

bool is_contiguous(const Shape& shape, std::span<const std::int64_t> strides) {
  const std::vector<std::int64_t> expected = row_major(shape);
  for (std::size_t axis = 0; axis < shape.rank(); ++axis)
    if (shape[axis] > 1 && strides[axis] != expected[axis]) return false;
  return true;
}

std::optional<std::int64_t> batch_stride(const Shape& shape, std::span<const std::int64_t> strides,
                                         std::size_t inner) {
  const std::vector<std::int64_t> expected = row_major(shape);
  const std::size_t front = shape.rank() - inner;
  for (std::size_t axis = front; axis < shape.rank(); ++axis)
    if (shape[axis] > 1 && strides[axis] != expected[axis]) return std::nullopt;
  std::int64_t stride = 0, count = 1;
  for (std::size_t axis = front; axis-- > 0;) {
    if (shape[axis] == 1) continue;
    if (count == 1)
      stride = strides[axis];
    else if (strides[axis] != stride * count)
      return std::nullopt;
    count *= static_cast<std::int64_t>(shape[axis]);
  }
  return stride;
}

std::optional<std::vector<std::int64_t>> reshape_strides(const Shape& from,
                                                         std::span<const std::int64_t> strides,
                                                         const Shape& to) {
  if (from.element_count() == 0) return row_major(to);
  // Runs of axes that are walked with one stride; a new axis must lie within one run.
  struct Run {
    std::size_t size;
    std::int64_t stride;  // of its innermost element
  };
  std::vector<Run> runs;
  for (std::size_t axis = 0; axis < from.rank(); ++axis) {
    if (from[axis] == 1) continue;
    const bool joins =
        !runs.empty() && runs.back().stride == strides[axis] * static_cast<std::int64_t>(from[axis]);
    if (joins) {
      runs.back().size *= from[axis];
      runs.back().stride = strides[axis];
    } else {
      runs.push_back({from[axis], strides[axis]});
    }
  }
  std::vector<std::int64_t> result(to.rank(), 0);
  std::size_t axis = to.rank();
  for (std::size_t run = runs.size(); run-- > 0;) {
    std::size_t left = runs[run].size;
    std::int64_t stride = runs[run].stride;
    while (left > 1) {
      if (axis == 0) return std::nullopt;
      --axis;
      if (to[axis] == 1) continue;
      if (left % to[axis] != 0) return std::nullopt;
      result[axis] = stride;
      stride *= static_cast<std::int64_t>(to[axis]);
      left /= to[axis];
    }
  }
  return result;
}

std::vector<bool> find_views(const Graph& graph) {
  std::vector<bool> is_view(graph.size(), false);
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Op op = graph[id].op;
    is_view[id] = op == Op::permute || op == Op::expand || op == Op::slice;
    if (op == Op::reshape) {
      const Strided before = view_of(graph, is_view, graph.input_of(id, 0));
      is_view[id] = step_through(graph, id, before).has_value();
    }
  }
  return is_view;
}

Strided view_of(const Graph& graph, const std::vector<bool>& is_view, NodeId node) {
  std::vector<NodeId> chain;
  NodeId root = node;
  while (is_view[root]) {
    chain.push_back(root);
    root = graph.input_of(root, 0);
  }
  Strided view{.root = root, .offset = 0, .strides = row_major(graph.shape(root))};
  for (const NodeId step : chain | std::views::reverse) {
    auto next = step_through(graph, step, view);
    ASTROLABE_CHECK(next.has_value(), "a view that find_views promised");
    view = std::move(*next);
  }
  return view;
}

Strided source_of_copy(const Graph& graph, const std::vector<bool>& is_view, NodeId node) {
  Strided input = view_of(graph, is_view, graph.input_of(node, 0));
  if (graph[node].op == Op::reshape) return input;
  auto source = step_through(graph, node, input);
  ASTROLABE_CHECK(source.has_value(), "a copy that walks its input");
  return std::move(*source);
}

}  // namespace astrolabe
