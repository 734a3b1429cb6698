// SPDX-License-Identifier: Apache-2.0
// Threefry (threefry.h), step by step, for every element at once: what random bits become before they are
// compiled, and both words of a block for whoever needs more bits than one.
//
//   const auto [a, b] = place_threefry(graph, key, Shape{1024}, 0);   // u32 [1024] each
#pragma once

#include <array>

#include "astrolabe/graph/graph.h"

namespace astrolabe {

// Element i of word j is threefry({key0, key1}, {i, stream})[j]; the first word alone is Graph::bits. `key`
// is u32 [2]. About 90 nodes.
[[nodiscard]] std::array<NodeId, 2> place_threefry(Graph& graph, NodeId key, const Shape& shape,
                                                   std::uint32_t stream);

}  // namespace astrolabe
