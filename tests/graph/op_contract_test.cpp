// SPDX-License-Identifier: Apache-2.0
// What every operation promises, over the samples of every row of the op table.
#include <algorithm>

#include "tests/graph/finite_differences.h"
#include "tests/graph/op_samples.h"
#include <gtest/gtest.h>

#include "astrolabe/graph/element_visit.h"
#include "astrolabe/graph/op.h"
#include "astrolabe/graph/print.h"
#include "astrolabe/graph/retype.h"
#include "astrolabe/graph/verify.h"
#include "astrolabe/graph/vmap.h"

namespace astrolabe {
namespace {

using testing::BuiltSample;
using testing::OpSample;

class OpContract : public ::testing::TestWithParam<OpSample> {};

TEST(OpTable, has_a_sample_of_every_operation) {
  for (const OpRule& rule : op_rules())
    EXPECT_TRUE(std::ranges::any_of(testing::op_samples(), [&](const OpSample& s) {
      return s.op == rule.op;
    })) << rule.name;
}

TEST(OpTable, says_of_every_operation_what_its_value_is) {
  for (const OpRule& rule : op_rules()) {
    EXPECT_TRUE(rule.doc.ends_with('.')) << rule.name;
    EXPECT_EQ(&op_rule(rule.op), &rule);
    EXPECT_EQ(rule.infer == nullptr, rule.inputs == 0) << rule.name;
  }
}

TEST_P(OpContract, value_is_the_one_computed_by_hand) {
  const BuiltSample built = testing::build(GetParam());
  ASSERT_EQ(built.graph[built.node].op, GetParam().op);
  const Array value = testing::value_of(built.graph, built.node, built.feed);
  EXPECT_EQ(testing::values_of(value), GetParam().expected);
  EXPECT_EQ(value.shape(), built.graph.shape(built.node));
}

TEST_P(OpContract, graph_verifies) {
  const BuiltSample built = testing::build(GetParam());
  verify(built.graph, std::vector{built.node});
}

TEST_P(OpContract, print_names_the_operation) {
  const BuiltSample built = testing::build(GetParam());
  const std::string text = print_graph(built.graph, std::vector{built.node});
  EXPECT_NE(text.find("= " + std::string(op_rule(GetParam().op).name)), std::string::npos) << text;
}

TEST_P(OpContract, the_same_draft_is_the_same_node) {
  BuiltSample built = testing::build(GetParam());
  const std::size_t size = built.graph.size();
  EXPECT_EQ(GetParam().build(built.graph, built.leaves), built.node);
  EXPECT_EQ(built.graph.size(), size);
}

// The leaves that gradients flow to; none where the operation has no gradient.
std::vector<NodeId> differentiable_leaves(const BuiltSample& built) {
  const Node& node = built.graph[built.node];
  const bool is_leaf = op_rule(node.op).inputs == 0;
  std::vector<NodeId> leaves;
  if (node.type != ElementType::f32 && node.type != ElementType::f64) return leaves;
  if (op_rule(node.op).gradient == nullptr && !is_leaf) return leaves;
  for (const NodeId leaf : built.leaves)
    if (built.graph.type(leaf) == ElementType::f32) leaves.push_back(leaf);
  return leaves;
}

std::vector<OpSample> differentiable_samples() {
  std::vector<OpSample> samples = testing::op_samples();
  std::erase_if(samples, [](const OpSample& s) { return differentiable_leaves(testing::build(s)).empty(); });
  return samples;
}

class OpGradient : public ::testing::TestWithParam<OpSample> {};

// A cube, so that the gradient that arrives at the operation depends on the operation's value.
NodeId weighted_cubes(Graph& graph, NodeId node) {
  const NodeId x = graph.cast(node, ElementType::f32);
  return testing::weighted_sum(graph, graph.multiply(x, graph.multiply(x, x)));
}

TEST_P(OpGradient, is_that_of_central_differences) {
  BuiltSample built = testing::build(GetParam());
  const NodeId value = weighted_cubes(built.graph, built.node);
  testing::expect_gradient(built.graph, value, differentiable_leaves(built), built.feed,
                           {.step = 1e-5, .tolerance = 1e-6});
}

TEST_P(OpGradient, of_the_gradient_is_that_of_central_differences) {
  BuiltSample built = testing::build(GetParam());
  const NodeId value = weighted_cubes(built.graph, built.node);
  testing::expect_second_gradient(built.graph, value, differentiable_leaves(built), built.feed,
                                  {.step = 1e-5, .tolerance = 1e-6});
}

TEST(OpTable, has_a_differentiable_sample_of_every_gradient) {
  const std::vector<OpSample> samples = differentiable_samples();
  for (const OpRule& rule : op_rules()) {
    if (rule.gradient == nullptr) continue;
    EXPECT_TRUE(std::ranges::any_of(samples, [&](const OpSample& s) { return s.op == rule.op; }))
        << rule.name;
  }
}

constexpr std::size_t kMembers = 3;

// What member m of a batch gets instead of a value: other numbers, of the same kind.
std::vector<double> member_values(const testing::SampleLeaf& leaf, std::size_t member) {
  std::vector<double> values = leaf.values;
  for (double& value : values) {
    if (leaf.type.type == ElementType::boolean)
      value = member % 2 == 0 ? value : 1 - value;
    else if (is_floating(leaf.type.type))
      value *= 1 + 0.125 * static_cast<double>(member);
    else if (value < 4e9 && value != 2147483647)
      value += static_cast<double>(member);
  }
  return values;
}

// Batches the leaves whose bit is set in `subset` and compares with one run per member, bit for bit.
void expect_vmap_equals_loop(const OpSample& sample, std::size_t subset) {
  BuiltSample built = testing::build(sample);
  Graph& graph = built.graph;
  std::vector<Array> alone;
  for (std::size_t member = 0; member < kMembers; ++member) {
    OpSample other = sample;
    for (std::size_t i = 0; i < other.leaves.size(); ++i)
      if ((subset >> i & 1) != 0) other.leaves[i].values = member_values(sample.leaves[i], member);
    const BuiltSample single = testing::build(other);
    alone.push_back(testing::value_of(single.graph, single.node, single.feed));
  }
  std::unordered_map<NodeId, NodeId> batched;
  for (std::size_t i = 0; i < sample.leaves.size(); ++i) {
    if ((subset >> i & 1) == 0) continue;
    const testing::SampleLeaf& leaf = sample.leaves[i];
    std::vector<std::size_t> dimensions = {kMembers};
    for (const std::size_t size : leaf.type.shape.dimensions()) dimensions.push_back(size);
    testing::SampleLeaf many{.type = {leaf.type.type, Shape(dimensions)}, .values = {}};
    for (std::size_t member = 0; member < kMembers; ++member)
      for (const double value : member_values(leaf, member)) many.values.push_back(value);
    batched[built.leaves[i]] = testing::add_leaf(graph, many, "many" + std::to_string(i));
    built.feed.inputs.push_back(testing::array_of(many.type, many.values));
  }
  const NodeId result = vmap(graph, std::vector{built.node}, kMembers, batched).at(0);
  verify(graph, std::vector{result});
  const Array together = testing::value_of(graph, result, built.feed);
  ASSERT_EQ(together.size(), kMembers * alone[0].size());
  ASSERT_EQ(together.shape()[0], kMembers);
  for (std::size_t member = 0; member < kMembers; ++member) {
    const std::size_t bytes = alone[member].bytes().size();
    EXPECT_TRUE(std::ranges::equal(together.bytes().subspan(member * bytes, bytes), alone[member].bytes()))
        << "member " << member << " of subset " << subset;
  }
}

TEST_P(OpContract, vmap_is_a_loop_over_members) {
  const std::size_t subsets = std::size_t{1} << GetParam().leaves.size();
  for (std::size_t subset = 0; subset < subsets; ++subset) expect_vmap_equals_loop(GetParam(), subset);
}

INSTANTIATE_TEST_SUITE_P(Samples, OpGradient, ::testing::ValuesIn(differentiable_samples()),
                         [](const auto& sample) { return sample.param.name; });
INSTANTIATE_TEST_SUITE_P(Samples, OpContract, ::testing::ValuesIn(testing::op_samples()),
                         [](const auto& sample) { return sample.param.name; });

}  // namespace
}  // namespace astrolabe
