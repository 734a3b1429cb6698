// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/graph/math_parts.h"

namespace astrolabe::math {

NodeId expand_abs(Graph& graph, NodeId x) {
  return absolute({graph, x}).id();
}

// Zeros and NaN are their own signs.
NodeId expand_sign(Graph& graph, NodeId x) {
  const Term value(graph, x);
  return select(less(value, 0.0), -1.0, select(less(0.0, value), 1.0, value)).id();
}

// Two roundings, right for zeros, subnormal and infinite x; an estimate with Newton steps would be right for
// none.
NodeId expand_rsqrt(Graph& graph, NodeId x) {
  const Term root(graph, graph.math("sqrt", x));
  return (1.0 / root).id();
}

}  // namespace astrolabe::math
