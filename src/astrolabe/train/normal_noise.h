// SPDX-License-Identifier: Apache-2.0
// Standard normal numbers of a key, made in the step that adds them.
//
//   const NodeId noise = place_normal(graph, graph.input("noise_key", ElementType::u32, Shape{2}),
//   layout.size);
//
// Box and Muller's, two numbers from the 64 bits of one Threefry block. With u in (0, 1] and x in (-pi/4,
// pi/4) the pair is sqrt(-log u) (cos x - sin x) and sqrt(-log u) (cos x + sin x), that is r cos and r sin of
// x + pi/4 for r = sqrt(-2 log u), each with a sign of its own: no range is to be reduced.
#pragma once

#include "astrolabe/graph/graph.h"

namespace astrolabe {

// f32 [count], count even; numbers i and i + count / 2 are a pair. They reach 8.2: where the first 24 bits of
// u are 0, 24 more say how near to 0 it is. Of these 48 the last 8 are also the last of the angle's 24, which
// one pair in 2^24 could show, in the last digits of both. `key` is u32 [2].
[[nodiscard]] NodeId place_normal(Graph& graph, NodeId key, std::size_t count);

}  // namespace astrolabe
