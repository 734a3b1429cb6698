// SPDX-License-Identifier: Apache-2.0
// Formulas as people would write them: what the passes for machines leave, sorted out by school algebra.
//
//   x*(s*(1-s))*1.5   becomes   1.5*x*s*(1-s)          a number in front, products without parentheses
//   a+(b+a)           becomes   2*a+b                  equal terms and factors once
//   a*(1/b)           becomes   a/b
//   -(a-b)            becomes   b-a
//   where(c,1,0)*a    becomes   where(c,a,0)
//
// For reading only: sums are reordered, so the last bits of a value may differ.
#pragma once

#include "astrolabe/graph/graph.h"

namespace astrolabe {

struct Tidied {
  Graph graph;
  NodeId value = kNoNode;
};

// Of rank 0 and one floating type. Cost: about a microsecond per node and term.
[[nodiscard]] Tidied tidy(const Graph& graph, NodeId value);

}  // namespace astrolabe
