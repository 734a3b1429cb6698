// SPDX-License-Identifier: Apache-2.0
// What is computed again rather than kept.
//
//   const std::vector<int> operations = light_operations(graph, phases, is_root);
//   operations[id];   // of max(z + b, 0), z being one pixel of every window of what a step made: 2
#pragma once

#include <vector>

#include "astrolabe/lower/phases.h"

namespace astrolabe {

// Whether a view is a strided walk over a part of what a step of its own made.
[[nodiscard]] bool is_slice_of_step(const Graph& graph, const Phases& phases, NodeId id);

// Light values: a few cheap operations on one slice of what a step of its own made (a pixel of a window with
// its bias and relu), read by nests only. Kept, they would lie beside what lies there anyway. By node, how
// many operations they take; 0 for other nodes, and for signs, which are smaller than what they are found
// from. `phases` has roles, views and users.
[[nodiscard]] std::vector<int> light_operations(const Graph& graph, const Phases& phases,
                                                const std::vector<bool>& is_root);

}  // namespace astrolabe
