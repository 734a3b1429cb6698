// SPDX-License-Identifier: Apache-2.0
// What each pass is there for, on the smallest program that needs it.
#include <array>

#include <gtest/gtest.h>

#include "astrolabe/graph/interpret.h"
#include "astrolabe/graph/print.h"
#include "astrolabe/passes/pass_catalog.h"

namespace astrolabe {
namespace {

constexpr ElementType kF32 = ElementType::f32;

std::size_t count(const Rewritten& result, Op op) {
  std::size_t found = 0;
  for (const NodeId id : reachable(result.graph, result.roots)) found += result.graph[id].op == op ? 1U : 0U;
  return found;
}

TEST(Simplify, drops_what_changes_nothing) {
  Graph g;
  const NodeId x = g.input("x", kF32, Shape{4});
  const NodeId same =
      g.multiply(g.add(g.negate(g.negate(x)), g.constant(0)), g.expand(g.constant(1), Shape{}));
  const Rewritten result = simplify(g, std::array{same});
  EXPECT_EQ(result.graph[result.roots[0]].op, Op::input);
}

TEST(Simplify, keeps_a_scalar_sum_that_gives_the_shape) {
  Graph g;
  const NodeId s = g.scalar("s");
  const NodeId spread = g.add(s, g.expand(g.reshape(g.constant(0), Shape{1}), Shape{4}));
  const Rewritten result = simplify(g, std::array{spread});
  EXPECT_EQ(result.graph.shape(result.roots[0]), Shape{4});
}

TEST(Simplify, reads_a_transposed_operand_as_it_lies) {
  Graph g;
  const NodeId a = g.input("a", kF32, Shape{3, 4});
  const NodeId b = g.input("b", kF32, Shape{5, 4});
  const Rewritten result = simplify(g, std::array{g.dot(a, g.swap_last(b))});
  EXPECT_EQ(count(result, Op::permute), 0U);
  EXPECT_EQ(result.graph[result.roots[0]].attributes.first[1], 1);
}

TEST(Simplify, joins_movement_of_movement) {
  Graph g;
  const NodeId x = g.input("x", kF32, Shape{3, 4});
  const Rewritten result =
      simplify(g, std::array{g.swap_last(g.swap_last(x)), g.reshape(g.reshape(x, Shape{12}), Shape{4, 3})});
  EXPECT_EQ(result.graph[result.roots[0]].op, Op::input);
  EXPECT_EQ(count(result, Op::reshape), 1U);
}

TEST(FoldConstants, leaves_one_number) {
  Graph g;
  const Rewritten result =
      fold_constants(g, std::array{g.math("exp", g.multiply(g.constant(2), g.constant(0.5)))});
  EXPECT_EQ(result.graph[result.roots[0]].op, Op::constant);
  EXPECT_FLOAT_EQ(static_cast<float>(result.graph[result.roots[0]].constant_value()), 2.7182817F);
}

TEST(FuseMultiplyAdd, fuses_a_product_that_one_sum_alone_reads) {
  Graph g;
  const NodeId a = g.input("a", kF32, Shape{4}), b = g.input("b", kF32, Shape{4}),
               c = g.input("c", kF32, Shape{4});
  const NodeId shared = g.multiply(b, c);
  const Rewritten result =
      fuse_multiply_add(g, std::array{g.add(g.multiply(a, b), c), g.subtract(c, g.multiply(a, c)),
                                      g.add(shared, a), g.add(shared, c)});
  EXPECT_EQ(result.graph[result.roots[0]].op, Op::fused_multiply_add);
  EXPECT_EQ(result.graph[result.roots[1]].op, Op::fused_multiply_add);
  EXPECT_EQ(result.graph[result.roots[2]].op, Op::add);
  EXPECT_EQ(count(result, Op::multiply), 1U);
}

TEST(ExpandFunctions, leaves_only_what_the_machine_has) {
  Graph g;
  const NodeId x = g.input("x", kF32, Shape{4});
  const NodeId key = g.input("key", ElementType::u32, Shape{2});
  const Rewritten result =
      expand_functions(g, std::array{g.math("tanh", x), g.math("sqrt", x), g.bits(key, Shape{2, 3}, 1)});
  EXPECT_EQ(count(result, Op::bits), 0U);
  EXPECT_EQ(count(result, Op::math), 1U) << "the square root";
}

TEST(ExpandFunctions, gives_random_bits_exactly) {
  Graph g;
  const NodeId bits = g.bits(g.input("key", ElementType::u32, Shape{2}), Shape{5, 7}, 3);
  const Rewritten result = expand_functions(g, std::array{bits});
  Feed feed;
  feed.inputs = {Array::of<std::uint32_t>(Shape{2}, {0x13198a2e, 0x03707344})};
  EXPECT_EQ(interpret(g, std::array{bits}, feed), interpret(result.graph, result.roots, feed));
}

TEST(SplitReductions, leaves_reductions_of_one_kind) {
  Graph g;
  const NodeId x = g.input("x", kF32, Shape{3, 4, 5, 6});
  const Rewritten result = split_reductions(g, std::array{g.sum(x, {0, 2, 3}), g.sum(x, {1}), g.sum_all(x)});
  EXPECT_EQ(count(result, Op::reduce), 4U);
  EXPECT_EQ(result.graph.shape(result.roots[0]), Shape{4});
}

}  // namespace
}  // namespace astrolabe
