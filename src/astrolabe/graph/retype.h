// SPDX-License-Identifier: Apache-2.0
// The same program in another floating type: the oracle in f64 of what is computed in f32.
//
//   Graph wide;
//   const std::vector<NodeId> exact = retype(graph, {{loss}}, wide, ElementType::f64);
//   interpret(wide, exact, {.inputs = {x_as_f64}, ...});
#pragma once

#include <span>
#include <vector>

#include "astrolabe/graph/graph.h"

namespace astrolabe {

// Copies what `roots` need into `to`, every f32 as `float_type` (f32 or f64): leaves, constants and all
// between. Leaves keep their names, and in an empty graph their slots. Other types stay. Throws usage_error
// where the program looks at the bits of an f32 (bitcast) or stores 16 bits (a cast to or from bf16, f16),
// which f64 cannot.
[[nodiscard]] std::vector<NodeId> retype(const Graph& from, std::span<const NodeId> roots, Graph& to,
                                         ElementType float_type);

}  // namespace astrolabe
