// SPDX-License-Identifier: Apache-2.0
// Graphs themselves: hash-consing, copies, the verifier, the printer, other types.
#include "astrolabe/graph/graph.h"

#include "tests/graph/array_values.h"
#include <gtest/gtest.h>

#include "astrolabe/graph/print.h"
#include "astrolabe/graph/retype.h"
#include "astrolabe/graph/verify.h"

namespace astrolabe {
namespace {

using testing::value_of;
using testing::values_of;
using enum ElementType;

struct Layer {
  Graph graph;
  NodeId x = graph.input("x", f32, Shape{4, 3});
  NodeId w = graph.state("w", f32, Shape{2, 3});
  NodeId rate = graph.scalar("rate");
  NodeId product = graph.dot(x, w, false, true);
  NodeId out = graph.multiply(graph.math("sqrt", product), rate);
  NodeId sum = graph.sum(out, {0});
};

TEST(Graph, makes_equal_nodes_one_node) {
  Layer layer;
  Graph& graph = layer.graph;
  const std::size_t size = graph.size();
  EXPECT_EQ(graph.dot(layer.x, layer.w, false, true), layer.product);
  EXPECT_EQ(graph.input("x", f32, Shape{4, 3}), layer.x);
  EXPECT_EQ(graph.size(), size);
  EXPECT_NE(graph.constant(0.0), graph.constant(-0.0)) << "zeros differ in a bit";
  EXPECT_NE(graph.constant(1), graph.constant(1, f64));
}

TEST(Graph, builders_leave_out_what_changes_nothing) {
  Layer layer;
  Graph& graph = layer.graph;
  EXPECT_EQ(graph.cast(layer.x, f32), layer.x);
  EXPECT_EQ(graph.reshape(layer.x, Shape{4, 3}), layer.x);
  EXPECT_EQ(graph.expand(layer.x, Shape{4, 3}), layer.x);
  EXPECT_EQ(graph.permute(layer.x, std::array<std::size_t, 2>{0, 1}), layer.x);
  EXPECT_EQ(graph.pad(layer.x, std::array<std::size_t, 2>{}, std::array<std::size_t, 2>{}), layer.x);
  EXPECT_EQ(graph.slice(layer.x, std::array<std::size_t, 2>{}, Shape{4, 3}), layer.x);
  EXPECT_THROW((void)graph.slice(layer.x, std::array<std::size_t, 2>{1, 0}, Shape{4, 3}), Error);
  EXPECT_EQ(graph.concat(std::array{layer.x}, 0), layer.x);
  EXPECT_EQ(graph.reduce(ReduceKind::add, layer.x, {}), layer.x);
}

TEST(Print, is_a_node_a_line_numbered_anew) {
  Layer layer;
  (void)layer.graph.constant(9);  // not needed, so not printed
  EXPECT_EQ(print_graph(layer.graph, std::vector{layer.sum, layer.product}),
            "%0 = input \"x\" : f32 [4, 3]\n"
            "%1 = state \"w\" : f32 [2, 3]\n"
            "%2 = scalar \"rate\" : f32 []\n"
            "%3 = dot %0, %1 second swapped : f32 [4, 2]\n"
            "%4 = math sqrt %3 : f32 [4, 2]\n"
            "%5 = multiply %4, %2 : f32 [4, 2]\n"
            "%6 = reduce add %5 over [0] : f32 [2]\n"
            "roots %6, %3\n");
}

TEST(Print, says_attributes) {
  Graph graph;
  const NodeId x = graph.input("x", f32, Shape{2, 2});
  const std::array<std::size_t, 2> one{1, 1};
  const NodeId padded = graph.pad(x, std::array<std::size_t, 2>{0, 1}, one);
  const NodeId sliced = graph.slice(padded, one, Shape{2, 2}, std::array<std::size_t, 2>{1, 2});
  const NodeId both = graph.concat(std::array{graph.swap_last(sliced), graph.iota(f32, Shape{2, 2}, 1)}, 1);
  const std::string text = print_graph(graph, std::vector{graph.add(both, graph.constant(0.25))});
  for (const char* part : {"before [0, 1] behind [1, 1]", "begin [1, 1] step [1, 2]", "axes [1, 0]",
                           "iota axis 1", "axis 1 : f32 [2, 4]", "constant 0.25 : f32 []"})
    EXPECT_NE(text.find(part), std::string::npos) << part << " is not in\n" << text;
}

TEST(Verify, accepts_what_builders_built) {
  Layer layer;
  verify(layer.graph, std::vector{layer.sum, layer.out});
}

// What a draft that no builder makes does to the verifier.
void expect_broken(Graph& graph, const NodeDraft& draft, const std::string& part) {
  const NodeId id = graph.append(draft);
  try {
    verify(graph, std::vector{id});
    FAIL() << "it passed";
  } catch (const InternalError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find(part), std::string::npos) << text;
    EXPECT_NE(text.find("node " + std::to_string(id)), std::string::npos) << text;
  }
}

TEST(Verify, names_the_node_that_broke_a_promise) {
  Layer layer;
  Graph& graph = layer.graph;
  Attributes stray;
  stray.second[3] = 7;
  expect_broken(graph, {.op = Op::negate, .inputs = {layer.x}, .attributes = stray, .wanted = {}},
                "attributes without a meaning are 0");
  stray = {};
  stray.value = 5;
  expect_broken(graph, {.op = Op::input, .inputs = {}, .attributes = stray, .wanted = {f32, Shape{2}}},
                "its slot is there");
  expect_broken(graph, {.op = Op::input, .inputs = {}, .attributes = {}, .wanted = {f32, Shape{2}}},
                "the type and shape of its slot");
  expect_broken(graph, {.op = Op::constant, .inputs = {}, .attributes = {}, .wanted = {f32, Shape{2}}},
                "it is one number");
  expect_broken(graph, {.op = Op::iota, .inputs = {}, .attributes = stray, .wanted = {f32, Shape{2}}},
                "its axis is there");
  EXPECT_THROW(verify(graph, std::vector<NodeId>{100'000}), InternalError);
}

TEST(Retype, computes_the_same_in_f64) {
  Layer layer;
  Graph wide;
  const NodeId sum = retype(layer.graph, std::vector{layer.sum}, wide, f64).at(0);
  verify(wide, std::vector{sum});
  for (NodeId id = 0; id < wide.size(); ++id) EXPECT_EQ(wide.type(id), f64);
  EXPECT_EQ(wide.input_slots()[0].name, "x");
  const Feed feed{.inputs = {Array::of<float>(Shape{4, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})},
                  .states = {Array::of<float>(Shape{2, 3}, {1, 0, 0, 0, 1, 0})},
                  .scalars = {Array::of<float>(Shape{}, {0.5F})}};
  const Array exact = value_of(wide, sum, testing::widened(feed));
  const Array rounded = value_of(layer.graph, layer.sum, feed);
  EXPECT_EQ(exact.type(), f64);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_NEAR(exact.as<double>()[i], rounded.as<float>()[i], 1e-5);
    EXPECT_NE(exact.as<double>()[i], rounded.as<float>()[i]) << "roots are not f32 numbers";
  }
}

TEST(Retype, keeps_slots_that_no_root_reads) {
  Layer layer;
  Graph wide;
  (void)retype(layer.graph, std::vector{layer.w}, wide, f64);
  EXPECT_EQ(wide.input_slots().size(), 1U);
  EXPECT_EQ(wide.scalar_slots().size(), 1U);
}

TEST(Retype, refuses_programs_that_look_at_bits) {
  Layer layer;
  Graph wide;
  const NodeId bits = layer.graph.bitcast(layer.x, u32);
  EXPECT_THROW((void)retype(layer.graph, std::vector{bits}, wide, f64), Error);
}

TEST(CopyInto, stops_at_what_is_known) {
  Layer layer;
  Graph other;
  const NodeId product = other.input("given", f32, Shape{4, 2});
  std::unordered_map<NodeId, NodeId> known = {{layer.product, product}};
  const NodeId sum = copy_into(layer.graph, std::vector{layer.sum}, other, known).at(0);
  EXPECT_EQ(other.state_slots().size(), 0U);
  EXPECT_EQ(other.scalar_slots().size(), 1U);
  EXPECT_EQ(other.shape(sum), (Shape{2}));
  verify(other, std::vector{sum});
}

}  // namespace
}  // namespace astrolabe
