// SPDX-License-Identifier: Apache-2.0
// Gradients against central differences in f64, through retype.
//
//   expect_gradient(graph, loss, {w, b}, feed);          // d loss / dw, d loss / db
//   expect_second_gradient(graph, loss, {w, b}, feed);   // gradients of the gradients
#pragma once

#include <vector>

#include "astrolabe/graph/interpret.h"

namespace astrolabe::testing {

// How far apart the points are, and how far analytic and numeric slopes may be, relative to 1 + |slope|.
struct Differences {
  double step = 1e-5;
  double tolerance = 1e-7;
};

// `leaves` are inputs or states or scalars of f32; `value` has rank 0.
void expect_gradient(Graph& graph, NodeId value, const std::vector<NodeId>& leaves, const Feed& feed,
                     const Differences& differences = {});

// The same for a weighted sum of the gradients, each weight an arbitrary fixed number.
void expect_second_gradient(Graph& graph, NodeId value, const std::vector<NodeId>& leaves, const Feed& feed,
                            const Differences& differences = {});

// A number that depends on every element of a node with a weight of its own, so that no error cancels.
NodeId weighted_sum(Graph& graph, NodeId node);

}  // namespace astrolabe::testing
