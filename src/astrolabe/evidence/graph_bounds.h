// SPDX-License-Identifier: Apache-2.0
// What an expression graph can be, given what its leaves can be.
//
//   const Expression silu = parse_expression(Vocabulary::activation, "x*sigmoid(x)");
//   GraphBounds bounds(silu.graph, {silu.value});
//   bounds.set(x, {-1, 2});
//   bounds.evaluate().front();                     // contains every value of silu on [-1, 2]
//   bounds.may_branch()                            // a where, min, max, abs or sign could go either way
//
// Every node of the graph is of rank 0 and read as a real number (a comparison as 0 or 1). An expression that
// reads a variable twice is bounded loosely on wide intervals: cut them. Not thread-safe; a value type.
#pragma once

#include <span>
#include <vector>

#include "astrolabe/evidence/bounds.h"
#include "astrolabe/graph/graph.h"

namespace astrolabe {

class GraphBounds {
 public:
  // `graph` has to outlive this.
  GraphBounds(const Graph& graph, std::vector<NodeId> roots);

  // Of a leaf; unset ones are anything.
  void set(NodeId leaf, const Bounds& bounds);
  // [roots] Throws usage_error for operations that are no functions of numbers.
  [[nodiscard]] std::vector<Bounds> evaluate();
  // In the last evaluation: somewhere a choice was open, so that a derivative may jump.
  [[nodiscard]] bool may_branch() const { return may_branch_; }

 private:
  [[nodiscard]] Bounds bounds_of(NodeId node);

  const Graph& graph_;
  std::vector<NodeId> roots_, order_;
  std::vector<Bounds> values_;  // [graph nodes]
  bool may_branch_ = false;
};

}  // namespace astrolabe
