// SPDX-License-Identifier: Apache-2.0
// Whether an expression is convex by the way it is made: sums and maxima of convex parts, convex functions of
// straight ones, and so on. Symbolic, so corners do not matter.
//
//   curvature_of(graph, value, x) == Curvature::convex      // of max(x, 0), |x - 1|, softplus(2*x) + x^2
//
// Source: Grant, Boyd & Ye, "Disciplined convex programming", 2006. Says `unknown` for much that is convex.
// Pure.
#pragma once

#include <cstdint>

#include "astrolabe/graph/graph.h"

namespace astrolabe {

enum class Curvature : std::uint8_t { constant, straight, convex, concave, unknown };

// Every node has rank 0; leaves other than `variable` count as constants of unknown sign.
[[nodiscard]] Curvature curvature_of(const Graph& graph, NodeId value, NodeId variable);

}  // namespace astrolabe
