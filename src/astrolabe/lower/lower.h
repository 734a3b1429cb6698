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

#include "astrolabe/base/error.h"
#include "astrolabe/graph/graph.h"
#include "astrolabe/lower/plan.h"

namespace astrolabe {

struct LowerRequest {
  const Graph& graph;
  std::span<const NodeId> outputs;
  std::span<const std::pair<NodeId, NodeId>> updates;  // state, its next value
  std::size_t memory_limit = 0;                        // bytes of the arena; 0: none
  std::size_t threads = 1;                             // that will run the plan, as far as known
};

// What has no lowering yet (a product of doubles, say). The caller runs the interpreter instead.
class NoLowering : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A memory limit that a program cannot keep to; the message says how many bytes it takes.
class LimitTooLow : public Error {
 public:
  using Error::Error;
};

// Throws NoLowering, naming the operation, and LimitTooLow. Cost: about a microsecond per node; under a limit
// that asks for recomputation (recompute.h) milliseconds, for thousands of steps seconds.
[[nodiscard]] Plan lower(const LowerRequest& request);

}  // namespace astrolabe
