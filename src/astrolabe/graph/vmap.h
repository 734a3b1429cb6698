// SPDX-License-Identifier: Apache-2.0
// A program for one becomes a program for many: every value gets a batch axis in front. Two uses: ensembles
// of children in one routine (different weights, one structure), and gradients per example.
//
//   // x: [rows, features] for one; many: [16, rows, features]
//   const std::vector<NodeId> values = vmap(graph, {y}, 16, {{x, many_x}, {w, many_w}});
#pragma once

#include <span>
#include <unordered_map>
#include <vector>

#include "astrolabe/graph/graph.h"

namespace astrolabe {

// The roots over a batch of `size`. `batched` maps nodes to their batched versions (their shape with `size`
// in front). What does not depend on them stays as it is and is shared by the batch. A root that does not
// depend on the batch is repeated, so that every result has the batch axis. Random bits are those of the
// single program, shared by all members, unless their key is batched (u32 [size, 2]): then each member has
// the bits of its own key, exactly as it would have alone.
//
// Every member gets the bytes that it would get alone. A batched take or add_at is one gather or scatter: the
// tables of all members one below the other ([size * v, ..]) and indices moved into the member's own table; a
// shared table stays one table. Many matrices times one shared matrix are one product of all rows. Throws
// usage_error where a shape would pass 8 axes or tables 2^31 rows. Batched nodes of another type or shape, or
// an empty batch, are our bug. Cost: a node or a few per node that depends on the batch.
[[nodiscard]] std::vector<NodeId> vmap(Graph& graph, std::span<const NodeId> roots, std::size_t size,
                                       const std::unordered_map<NodeId, NodeId>& batched);

}  // namespace astrolabe
