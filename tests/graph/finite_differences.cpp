// SPDX-License-Identifier: Apache-2.0
#include "tests/graph/finite_differences.h"

#include <cmath>

#include "tests/graph/array_values.h"
#include <gtest/gtest.h>

#include "astrolabe/graph/gradient.h"
#include "astrolabe/graph/retype.h"
#include "astrolabe/graph/verify.h"

namespace astrolabe::testing {
namespace {

Array& fed_array(const Graph& graph, NodeId leaf, Feed& feed) {
  const Node& node = graph[leaf];
  if (node.op == Op::state) return feed.states.at(node.slot());
  return node.op == Op::scalar ? feed.scalars.at(node.slot()) : feed.inputs.at(node.slot());
}

// (value(leaf element + step) - value(leaf element - step)) / 2 step.
double numeric_slope(const Graph& graph, NodeId value, double& element, const Feed& feed, double step) {
  const double middle = element;
  element = middle + step;
  const double above = value_of(graph, value, feed).as<double>()[0];
  element = middle - step;
  const double below = value_of(graph, value, feed).as<double>()[0];
  element = middle;
  return (above - below) / (2 * step);
}

}  // namespace

void expect_gradient(Graph& graph, NodeId value, const std::vector<NodeId>& leaves, const Feed& feed,
                     const Differences& differences) {
  std::vector<NodeId> roots = gradient(graph, value, leaves);
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    EXPECT_EQ(graph.shape(roots[i]), graph.shape(leaves[i]));
    EXPECT_EQ(graph.type(roots[i]), graph.type(leaves[i]));
  }
  roots.push_back(value);
  roots.insert(roots.end(), leaves.begin(), leaves.end());
  verify(graph, roots);
  Graph wide;
  const std::vector<NodeId> exact = retype(graph, roots, wide, ElementType::f64);
  Feed wide_feed = widened(feed);
  const std::vector<Array> slopes = interpret(wide, std::span(exact).first(leaves.size()), wide_feed);
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const std::span<double> elements = fed_array(wide, exact[leaves.size() + 1 + i], wide_feed).as<double>();
    for (std::size_t j = 0; j < elements.size(); ++j) {
      const double numeric =
          numeric_slope(wide, exact[leaves.size()], elements[j], wide_feed, differences.step);
      EXPECT_NEAR(slopes[i].as<double>()[j], numeric, differences.tolerance * (1 + std::abs(numeric)))
          << "leaf " << i << ", element " << j;
    }
  }
}

void expect_second_gradient(Graph& graph, NodeId value, const std::vector<NodeId>& leaves, const Feed& feed,
                            const Differences& differences) {
  NodeId sum = graph.constant(0);
  for (const NodeId slope : gradient(graph, value, leaves)) sum = graph.add(sum, weighted_sum(graph, slope));
  expect_gradient(graph, sum, leaves, feed, differences);
}

NodeId weighted_sum(Graph& graph, NodeId node) {
  const Shape shape = graph.shape(node);
  if (shape.rank() == 0) return graph.multiply(node, graph.constant(1.5, graph.type(node)));
  const Shape flat{shape.element_count()};
  const NodeId place = graph.iota(graph.type(node), flat, 0);
  // (place - 1.25)^2 + 0.5: all different, some large.
  const NodeId moved = graph.subtract(place, graph.constant(1.25, graph.type(node)));
  const NodeId weights = graph.fused_multiply_add(moved, moved, graph.constant(0.5, graph.type(node)));
  return graph.sum_all(graph.multiply(graph.reshape(node, flat), weights));
}

}  // namespace astrolabe::testing
