// SPDX-License-Identifier: Apache-2.0
// What each pass is there for, on the smallest program that needs it.
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "astrolabe/base/random.h"
#include "astrolabe/graph/gradient.h"
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

// Pictures after a bias and relu, pooled; and the gradients of the sum of the pools, each times a number.
struct PooledPictures {
  Graph graph;
  std::vector<NodeId> roots;
};

PooledPictures pooled(ReduceKind kind, std::size_t size, bool is_behind_relu) {
  PooledPictures p;
  Graph& g = p.graph;
  const NodeId x = g.input("x", kF32, Shape{2, 7, 6, 3}), b = g.input("b", kF32, Shape{3});
  NodeId h = x;
  if (is_behind_relu) {
    const NodeId places = g.reshape(x, Shape{84, 3});
    h = g.reshape(g.maximum(g.add(places, g.broadcast_rows(b, 84)), g.constant(0)), Shape{2, 7, 6, 3});
  }
  const std::size_t high = 7 / size, wide = 6 / size;
  const std::array<std::size_t, 4> begin{};
  const NodeId whole = g.slice(h, begin, Shape{2, high * size, wide * size, 3});
  const NodeId windows = g.reshape(whole, Shape{2, high, size, wide, size, 3});
  const NodeId top = g.reduce(kind, windows, std::array<std::size_t, 2>{2, 4});
  const NodeId seed = g.input("seed", kF32, Shape{2, high, wide, 3});
  const NodeId sum = g.sum_all(g.multiply(top, seed));
  const std::vector<NodeId> slopes = gradient(g, sum, std::array{x, b});
  p.roots = {top, slopes[0], slopes[1]};
  return p;
}

// Numbers of which many are equal, and some are zeros of both signs, infinite or none.
Feed odd_numbers(const Graph& graph, std::uint64_t seed) {
  constexpr std::array<float, 8> kOdd = {0.0F,
                                         -0.0F,
                                         1.0F,
                                         1.0F + 1e-7F,
                                         std::numeric_limits<float>::infinity(),
                                         -std::numeric_limits<float>::infinity(),
                                         std::numeric_limits<float>::quiet_NaN(),
                                         1e-45F};
  Feed feed;
  for (const Slot& slot : graph.input_slots()) {
    RandomStream random(Key::from_seed(seed).split(static_cast<std::uint64_t>(slot.name[0])));
    Array array(slot.type, slot.shape);
    for (float& value : array.as<float>())
      value = random.below(3) == 0 ? kOdd[random.below(kOdd.size())] : static_cast<float>(random.normal());
    feed.inputs.push_back(std::move(array));
  }
  return feed;
}

// To the bit; of NaN only that both are.
void expect_equal_bits(const Array& a, const Array& b, const std::string& what) {
  ASSERT_EQ(a.shape(), b.shape()) << what;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const float x = a.as<float>()[i], y = b.as<float>()[i];
    if (std::isnan(x) && std::isnan(y)) continue;
    EXPECT_EQ(std::bit_cast<std::uint32_t>(x), std::bit_cast<std::uint32_t>(y)) << what << ", element " << i;
  }
}

TEST(UnrollWindows, keeps_every_bit_of_pools_and_their_gradients) {
  for (const ReduceKind kind : {ReduceKind::maximum, ReduceKind::minimum, ReduceKind::add}) {
    for (const std::size_t size : {2UL, 3UL}) {
      for (const bool is_behind_relu : {false, true}) {
        const PooledPictures p = pooled(kind, size, is_behind_relu);
        const Rewritten after = unroll_windows(p.graph, p.roots);
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
          const std::vector<Array> expected = interpret(p.graph, p.roots, odd_numbers(p.graph, seed));
          const std::vector<Array> found =
              interpret(after.graph, after.roots, odd_numbers(after.graph, seed));
          for (std::size_t i = 0; i < expected.size(); ++i)
            expect_equal_bits(found[i], expected[i],
                              "kind " + std::to_string(static_cast<int>(kind)) + ", size " +
                                  std::to_string(size) + ", root " + std::to_string(i));
        }
      }
    }
  }
}

TEST(UnrollWindows, leaves_no_reduction_over_windows) {
  const PooledPictures p = pooled(ReduceKind::maximum, 2, true);
  const Rewritten before = simplify(p.graph, p.roots);
  const Rewritten after = unroll_windows(before.graph, before.roots);
  EXPECT_EQ(count(before, Op::reduce), 3U) << "the largest, their ties, the slope of the bias";
  EXPECT_EQ(count(after, Op::reduce), 1U);
  EXPECT_GT(count(after, Op::concat), 0U) << "the slopes of the windows' places, put together";
}

TEST(UnrollWindows, leaves_other_reductions_alone) {
  Graph g;
  const NodeId x = g.input("x", kF32, Shape{4, 3, 2, 2, 5}), wide = g.input("wide", kF32, Shape{4, 2, 20, 5});
  const std::array<NodeId, 4> roots = {g.sum(x, {0, 2}), g.sum(x, {3, 4}), g.sum(wide, {1, 2}),
                                       g.sum(g.math("exp", x), {2, 3})};
  const Rewritten after = unroll_windows(g, roots);
  EXPECT_EQ(count(after, Op::reduce), 4U) << "outermost, innermost, large, and one beside what it folds";
}

}  // namespace
}  // namespace astrolabe
