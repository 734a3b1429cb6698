// SPDX-License-Identifier: Apache-2.0
// From a graph to a plan: phases (when, and what is kept), nests (what is fused), steps, places in memory.
//
//   const Plan plan = lower({.graph = graph, .outputs = {loss}, .updates = {{w, next_w}}});
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "astrolabe/graph/graph.h"
#include "astrolabe/lower/plan.h"

namespace astrolabe {

struct LowerRequest {
  const Graph& graph;
  std::span<const NodeId> outputs;
  std::span<const std::pair<NodeId, NodeId>> updates;  // state, its next value
};

// What has no lowering yet (a product of doubles, say). The caller runs the interpreter instead.
class NoLowering : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Throws NoLowering, naming the operation. Cost: about a microsecond per node.
[[nodiscard]] Plan lower(const LowerRequest& request);

}  // namespace astrolabe
