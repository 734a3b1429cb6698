// SPDX-License-Identifier: Apache-2.0
// A program: a graph with what it returns and how it changes its states. What compile() takes.
//
//   Program step;
//   const NodeId w = step.graph.state("w", ElementType::f32, Shape{16, 8});
//   ...
//   step.outputs = {loss};
//   step.updates = {{w, next_w}};
#pragma once

#include <cstddef>
#include <vector>

#include "astrolabe/graph/graph.h"

namespace astrolabe {

struct Program {
  struct Update {
    NodeId state = kNoNode;  // a node of Op::state
    NodeId next = kNoNode;   // its value after the run, of its type and shape
  };

  Graph graph;
  std::vector<NodeId> outputs;
  std::vector<Update> updates;  // at most one per state; all read the states as they were before the run
};

}  // namespace astrolabe
