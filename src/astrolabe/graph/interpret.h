// SPDX-License-Identifier: Apache-2.0
// The reference interpreter: one node after the other, one element after the other. Slow and obvious: the
// oracle of compiled code, which gives the same bytes.
//
//   Feed feed{.inputs = {x}, .states = {w}, .scalars = {}};
//   std::vector<Array> values = interpret(graph, {y}, feed);
//
// Order of sums, part of the contract:
// - dot: every element is one chain of fused multiply-adds over k = 0, 1, ..., starting from 0.
// - convolve: one chain per element over (kh, kw, c), starting from 0; zeros around the pictures take part.
// - convolve_input: one chain over the windows (oh, ow) that the pixel lies in, in row-major order, and the f
//   of each; windows beyond the rim whose step would reach the pixel take part as zeros.
// - convolve_filters: one chain over (n, oh, ow); zeros around the pictures take part.
// - reduce: the block of reduced axes at the end of the shape, axes of size 1 counting as reduced, is one run
// of n
//   elements; element i goes to lane i mod kReductionLanes, lanes start from the identity (0, -inf, inf), and
//   lane j is joined with lane j + half for half = kReductionLanes / 2, ..., 1. Other reduced axes are then
//   joined one after the other in row-major order, starting from the identity. Without reduced axes at the
//   end only the second half happens.
// - add_at: rows are added in the order of the index.
#pragma once

#include <span>
#include <vector>

#include "astrolabe/graph/array.h"
#include "astrolabe/graph/graph.h"

namespace astrolabe {

inline constexpr std::size_t kReductionLanes = 32;

// Values of the leaves, by slot. Scalars have rank 0.
struct Feed {
  std::vector<Array> inputs;
  std::vector<Array> states;
  std::vector<Array> scalars;
};

// The values of some nodes. Throws usage_error when an array does not have its leaf's type and shape. Pure;
// thread-safe. Cost: every needed node once.
[[nodiscard]] std::vector<Array> interpret(const Graph& graph, std::span<const NodeId> roots,
                                           const Feed& feed);

}  // namespace astrolabe
