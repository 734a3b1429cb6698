// SPDX-License-Identifier: Apache-2.0
// Reverse-mode autodiff from source to source: gradients are nodes of the same graph, so gradients of
// gradients are had by asking again.
//
//   const std::vector<NodeId> dw = gradient(graph, loss, {{w, b}});
#pragma once

#include <span>
#include <vector>

#include "astrolabe/graph/graph.h"

namespace astrolabe {

// d value / d node for each node of `with_respect_to`, of that node's type and shape; zeros where value does
// not depend on it. `value` has rank 0 and a floating type. A node may stand anywhere in the graph: what lies
// behind it counts as given: asked for two nodes, one behind the other, the one behind gets only what does
// not pass the other. Where a function has no derivative: minimum, maximum and select give everything to the
// side that was chosen (of equal numbers the second); a reduced maximum or minimum gives equal shares to all
// elements that reach it; flat MATH rows give nothing. Shares are added in a fixed order. Gradients of bf16
// and f16 are f32 on their way. Throws usage_error when value is no floating number of rank 0. Cost: a few
// nodes per node between.
[[nodiscard]] std::vector<NodeId> gradient(Graph& graph, NodeId value,
                                           std::span<const NodeId> with_respect_to);

// The same for a value of any shape, weighted by a seed of that shape: the vector-Jacobian product.
[[nodiscard]] std::vector<NodeId> pull_back(Graph& graph, NodeId value, NodeId seed,
                                            std::span<const NodeId> with_respect_to);

}  // namespace astrolabe
