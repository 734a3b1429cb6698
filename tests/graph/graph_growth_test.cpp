// SPDX-License-Identifier: Apache-2.0
// What a graph hands out stays valid while it grows. Bites under the address sanitizer.
#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "astrolabe/graph/graph.h"

namespace astrolabe {
namespace {

TEST(Graph, hands_out_references_that_outlive_growth) {
  Graph g;
  const NodeId x = g.input("x", ElementType::f32, Shape{2, 3});
  const NodeId few = g.add(x, g.constant(1));
  const std::vector<NodeId> parts = {x, few, x, few, x};
  const NodeId many = g.concat(parts, 0);
  const Shape& shape = g.shape(x);
  const Node& node = g[few];
  const std::span<const NodeId> few_inputs = g.inputs(few), many_inputs = g.inputs(many);
  NodeId last = x;
  for (int i = 2; i < 3000; ++i) last = g.add(last, g.constant(i));
  EXPECT_EQ(shape, (Shape{2, 3}));
  EXPECT_EQ(node.op, Op::add);
  EXPECT_EQ(few_inputs[0], x);
  EXPECT_TRUE(std::ranges::equal(many_inputs, parts));
  const Graph copy = g;
  EXPECT_TRUE(std::ranges::equal(copy.inputs(many), parts));
}

}  // namespace
}  // namespace astrolabe
