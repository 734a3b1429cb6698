// SPDX-License-Identifier: Apache-2.0
// When each value is computed, and what is kept for later: the plan's skeleton.
//
// Nodes are computed in nests (elementwise operations) or in steps of their own (dot, take, ...). Phase p
// holds nests that need nothing but leaves and results of earlier phases, or of their own nest; the steps
// that read what phase p made come right behind it. So a program runs: nests of phase 0, steps of phase 0,
// nests of phase 1, ...
//
// Values begin in their first possible phase. Then one that only later phases read sinks there, unless that
// keeps more values in memory than it saves (save or recompute): an activation's derivative stays beside the
// activation whose exponential it shares; the decay of an optimizer's memory waits for the gradient. And a
// value that costs one cheap operation on what is in memory anyway is not stored at all, but computed again
// by each reader.
#pragma once

#include <vector>

#include "astrolabe/graph/graph.h"
#include "astrolabe/lower/strided.h"

namespace astrolabe {

enum class NodeRole : std::uint8_t {
  unused,
  leaf,   // input, state, scalar, constant, iota
  view,   // movement that is index arithmetic
  nest,   // computed inside a nest: elementwise operations and copies
  fold,   // a reduction: at the end of a nest
  apart,  // a step of its own: dot, bits, take, add_at, pad, concat
};

struct Phases {
  std::vector<NodeId> order;        // needed nodes, ascending
  std::vector<NodeRole> roles;      // by node
  std::vector<bool> is_view;        // of role view
  std::vector<int> phase;           // of nests and folds: whose nest; apart: behind the nests of this phase
  std::vector<bool> is_stored;      // has memory of its own
  std::vector<bool> is_recomputed;  // a nest node that its readers compute again
  std::vector<bool> is_separate;    // a fold that cannot share the nest of what it folds
  std::vector<std::vector<NodeId>> users;  // needed nodes that read it
};

// Whether `reader` reads `input` element by element where it is computed, so that one nest can hold both.
[[nodiscard]] bool reads_directly(const Graph& graph, const Phases& phases, NodeId reader, NodeId input);

// The first node below views. Views end where memory begins.
[[nodiscard]] NodeId below_views(const Graph& graph, const Phases& phases, NodeId node);

[[nodiscard]] Phases find_phases(const Graph& graph, std::span<const NodeId> roots);

// A movement node that has memory of its own and so a nest of its own.
[[nodiscard]] bool is_copy(const Graph& graph, const Phases& phases, NodeId node);

// Whether the reduction folds the innermost axes (lanes), in the sense of graph/interpret.h.
[[nodiscard]] bool folds_innermost(const Graph& graph, NodeId reduce);

}  // namespace astrolabe
