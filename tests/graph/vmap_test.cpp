// SPDX-License-Identifier: Apache-2.0
// What the contract suite does not ask of vmap: programs, batches of batches, keys, gradients per example.
#include "astrolabe/graph/vmap.h"

#include <algorithm>

#include "tests/graph/array_values.h"
#include <gtest/gtest.h>

#include "astrolabe/graph/gradient.h"
#include "astrolabe/graph/threefry.h"
#include "astrolabe/graph/verify.h"

namespace astrolabe {
namespace {

using testing::array_of;
using testing::value_of;
using testing::values_of;
using enum ElementType;

NodeId vmap_one(Graph& graph, NodeId root, std::size_t size,
                const std::unordered_map<NodeId, NodeId>& batched) {
  const NodeId result = vmap(graph, std::vector{root}, size, batched).at(0);
  verify(graph, std::vector{result});
  return result;
}

// Member i of a batch.
Array member(const Array& many, std::size_t i) {
  std::vector<std::size_t> dimensions(many.shape().dimensions().begin() + 1, many.shape().dimensions().end());
  Array one(many.type(), Shape(dimensions));
  std::ranges::copy(many.bytes().subspan(i * one.bytes().size(), one.bytes().size()), one.bytes().begin());
  return one;
}

TEST(Vmap, of_a_gradient_gives_gradients_per_example) {
  Graph graph;
  const NodeId x = graph.input("x", f32, Shape{1, 3});
  const NodeId w = graph.input("w", f32, Shape{3, 2});
  const NodeId h = graph.dot(x, w);
  const NodeId loss = graph.sum_all(graph.multiply(h, graph.multiply(h, h)));
  const NodeId slope = gradient(graph, loss, std::vector{w}).at(0);
  const NodeId many_x = graph.input("many_x", f32, Shape{5, 1, 3});
  const NodeId each = vmap_one(graph, slope, 5, {{x, many_x}});
  ASSERT_EQ(graph.shape(each), (Shape{5, 3, 2}));
  Feed feed{.inputs = {Array(f32, Shape{1, 3}), array_of({f32, Shape{3, 2}}, testing::spread_values(6)),
                       array_of({f32, Shape{5, 1, 3}}, testing::spread_values(15, 0.3))},
            .states = {},
            .scalars = {}};
  const Array together = value_of(graph, each, feed);
  for (std::size_t i = 0; i < 5; ++i) {
    feed.inputs[0] = member(feed.inputs[2], i);
    EXPECT_EQ(member(together, i), value_of(graph, slope, feed)) << i;
  }
}

// A program with an operation of every class.
NodeId mixed_program(Graph& graph, NodeId x, NodeId table, NodeId index, NodeId key) {
  const NodeId rows = graph.take(table, index);                           // [4, 3]
  const NodeId product = graph.dot(rows, x, false, true);                 // [4, 2]
  const NodeId noise = graph.cast(graph.bits(key, Shape{4, 2}, 3), f32);  // [4, 2]
  const NodeId sum = graph.add(product, graph.multiply(noise, graph.constant(0x1p-32)));
  const NodeId largest = graph.reduce(ReduceKind::maximum, sum, std::array{std::size_t{0}});
  const NodeId centred = graph.subtract(sum, graph.broadcast_rows(largest, 4));
  const NodeId scaled = graph.multiply(centred, graph.sum_all(x));  // a number per member
  return graph.add_at(graph.concat(std::array{scaled, product}, 1), index, 3);
}

TEST(Vmap, of_a_batch_of_batches_is_a_loop_of_loops) {
  Graph graph;
  const NodeId x = graph.input("x", f32, Shape{2, 3});
  const NodeId table = graph.input("table", f32, Shape{3, 3});
  const NodeId index = graph.input("index", i32, Shape{4});
  const NodeId key = graph.input("key", u32, Shape{2});
  const NodeId one = mixed_program(graph, x, table, index, key);
  const NodeId some_x = graph.input("some_x", f32, Shape{2, 2, 3});
  const NodeId some_index = graph.input("some_index", i32, Shape{2, 4});
  const NodeId some_keys = graph.input("some_keys", u32, Shape{2, 2});
  const NodeId inner = vmap_one(graph, one, 2, {{x, some_x}, {index, some_index}, {key, some_keys}});
  const NodeId many_x = graph.input("many_x", f32, Shape{3, 2, 2, 3});
  const NodeId many_tables = graph.input("many_tables", f32, Shape{3, 3, 3});
  const NodeId many_keys = graph.input("many_keys", u32, Shape{3, 2, 2});
  const NodeId outer =
      vmap_one(graph, inner, 3, {{some_x, many_x}, {table, many_tables}, {some_keys, many_keys}});
  ASSERT_EQ(graph.shape(outer), (Shape{3, 2, 3, 4}));

  Feed feed;
  for (const Slot& slot : graph.input_slots()) feed.inputs.emplace_back(slot.type, slot.shape);
  const auto fill = [&](NodeId leaf, std::vector<double> values, double scale) {
    for (double& value : values) value = is_floating(graph.type(leaf)) ? value : (value + 1) * scale;
    feed.inputs[graph[leaf].slot()] = array_of({graph.type(leaf), graph.shape(leaf)}, values);
  };
  fill(many_x, testing::spread_values(36), 1);
  fill(many_tables, testing::spread_values(27, 0.1), 1);
  fill(some_index, testing::spread_values(8, 0.2), 3);
  fill(many_keys, testing::spread_values(12, 0.7), 1000);
  const Array together = value_of(graph, outer, feed);
  const auto give = [&](NodeId leaf, const Array& value) { feed.inputs[graph[leaf].slot()] = value; };
  const auto given = [&](NodeId leaf) { return feed.inputs[graph[leaf].slot()]; };
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 2; ++j) {
      give(x, member(member(given(many_x), i), j));
      give(table, member(given(many_tables), i));
      give(index, member(given(some_index), j));
      give(key, member(member(given(many_keys), i), j));
      EXPECT_EQ(member(member(together, i), j), value_of(graph, one, feed)) << i << ", " << j;
    }
  }
}

TEST(Vmap, shares_random_bits_unless_the_key_is_batched) {
  Graph graph;
  const NodeId key = graph.input("key", u32, Shape{2});
  const NodeId x = graph.input("x", f32, Shape{3});
  const NodeId noisy = graph.add(x, graph.cast(graph.bits(key, Shape{3}, 0), f32));
  const NodeId many_x = graph.input("many_x", f32, Shape{2, 3});
  const NodeId shared = vmap_one(graph, noisy, 2, {{x, many_x}});
  const Feed feed{
      .inputs = {Array::of<std::uint32_t>(Shape{2}, {1, 2}), Array(f32, Shape{3}), Array(f32, Shape{2, 3})},
      .states = {},
      .scalars = {}};
  const Array value = value_of(graph, shared, feed);
  EXPECT_EQ(member(value, 0), member(value, 1));
  EXPECT_EQ(value.as<float>()[0], static_cast<float>(threefry({1, 2}, {0, 0})[0]));
}

TEST(Vmap, repeats_roots_that_do_not_depend_on_the_batch) {
  Graph graph;
  const NodeId x = graph.input("x", f32, Shape{2});
  const NodeId many_x = graph.input("many_x", f32, Shape{3, 2});
  const NodeId fixed = graph.iota(f32, Shape{2}, 0);
  const std::vector<NodeId> both = vmap(graph, std::vector{fixed, x}, 3, {{x, many_x}});
  EXPECT_EQ(values_of(value_of(graph, both[0])), (std::vector<double>{0, 1, 0, 1, 0, 1}));
  EXPECT_EQ(both[1], many_x);
}

TEST(Vmap, keeps_a_shared_matrix_shared) {
  Graph graph;
  const NodeId x = graph.input("x", f32, Shape{4, 3});
  const NodeId w = graph.input("w", f32, Shape{3, 2});
  const NodeId many_x = graph.input("many_x", f32, Shape{5, 4, 3});
  const NodeId product = vmap_one(graph, graph.dot(x, w), 5, {{x, many_x}});
  const NodeId flat = graph.input_of(product, 0);
  EXPECT_EQ(graph[flat].op, Op::dot);
  EXPECT_EQ(graph.shape(flat), (Shape{20, 2})) << "one product of all rows";
}

TEST(Vmap, refuses_more_axes_than_shapes_have) {
  Graph graph;
  const NodeId x = graph.input("x", f32, Shape{2});
  const NodeId many_x = graph.input("many_x", f32, Shape{3, 2});
  const NodeId deep = graph.reshape(graph.negate(x), Shape{1, 1, 1, 1, 1, 1, 1, 2});
  try {
    (void)vmap(graph, std::vector{deep}, 3, {{x, many_x}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("[1, 1, 1, 1, 1, 1, 1, 2]"), std::string::npos) << error.what();
  }
}

TEST(Vmap, refuses_tables_whose_rows_an_index_cannot_count) {
  Graph graph;
  const NodeId rows = graph.input("rows", f32, Shape{1});
  const NodeId many_rows = graph.input("many_rows", f32, Shape{3, 1});
  const NodeId index = graph.input("index", i32, Shape{1});
  const NodeId sums = graph.add_at(rows, index, std::size_t{1} << 30);
  EXPECT_THROW((void)vmap(graph, std::vector{sums}, 3, {{rows, many_rows}}), Error);
}

TEST(Vmap, of_a_batch_of_another_size_is_our_bug) {
  Graph graph;
  const NodeId x = graph.input("x", f32, Shape{2});
  const NodeId many_x = graph.input("many_x", f32, Shape{3, 2});
  EXPECT_THROW((void)vmap(graph, std::vector{x}, 4, {{x, many_x}}), InternalError);
}

}  // namespace
}  // namespace astrolabe
