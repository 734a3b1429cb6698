// SPDX-License-Identifier: Apache-2.0
// Movement as index arithmetic: a node seen as a walk, with an offset and a stride per axis, over the
// elements of the node whose elements really lie somewhere.
//
//   // permute(slice(x)): the elements of x, from another beginning and in another order
//   const Strided view = view_of(graph, views, node);
#pragma once

#include <optional>
#include <vector>

#include "astrolabe/graph/graph.h"

namespace astrolabe {

struct Strided {
  NodeId root = kNoNode;              // whose elements are walked, row-major in its own shape
  std::int64_t offset = 0;            // in elements
  std::vector<std::int64_t> strides;  // [rank of the node]
};

// Strides of a row-major tensor.
[[nodiscard]] std::vector<std::int64_t> row_major(const Shape& shape);

// Whether elements walked with these strides lie one behind the other; axes of size 1 do not count.
[[nodiscard]] bool is_contiguous(const Shape& shape, std::span<const std::int64_t> strides);

// The stride of the axes before the last `inner` ones, walked as one axis, when those last ones lie one
// behind the other; nothing when they do not, or when the axes in front are no single walk.
[[nodiscard]] std::optional<std::int64_t> batch_stride(const Shape& shape,
                                                       std::span<const std::int64_t> strides,
                                                       std::size_t inner);

// The strides under another shape of as many elements, when no copy is needed for it.
[[nodiscard]] std::optional<std::vector<std::int64_t>> reshape_strides(const Shape& from,
                                                                       std::span<const std::int64_t> strides,
                                                                       const Shape& to);

// Which nodes are movement without a copy of their own: permute, expand, slice, and reshape where strides
// allow.
[[nodiscard]] std::vector<bool> find_views(const Graph& graph);

// A node through its views down to the first node that is none.
[[nodiscard]] Strided view_of(const Graph& graph, const std::vector<bool>& is_view, NodeId node);

// What a movement node walks, though it is a copy: reshape is left out, since the walk has the shape of its
// input.
[[nodiscard]] Strided source_of_copy(const Graph& graph, const std::vector<bool>& is_view, NodeId node);

}  // namespace astrolabe
