// SPDX-License-Identifier: Apache-2.0
// What the gradient rules share.
//
//   return {to_input(r, 0, graph.multiply(r.gradient, b)), to_input(r, 1, graph.multiply(r.gradient, a))};
#pragma once

#include <cstddef>

#include "astrolabe/graph/op.h"

namespace astrolabe {

// Input i's share of a gradient that has the shape of the node: summed when input i has rank 0 and was
// repeated, kNoNode when it is not of a floating type.
[[nodiscard]] NodeId to_input(const GradientRequest& request, std::size_t i, NodeId share);

// A number at every element of a shape.
[[nodiscard]] NodeId filled(Graph& graph, double value, ElementType type, const Shape& shape);

// The type of gradients of nodes of a type: bf16 and f16 cannot be computed with, so theirs are f32.
[[nodiscard]] ElementType gradient_type(ElementType type);

}  // namespace astrolabe
