// SPDX-License-Identifier: Apache-2.0
// Recurrences against the same steps written out one after the other.
#include "astrolabe/graph/scan.h"

#include <cmath>

#include "tests/graph/array_values.h"
#include "tests/graph/finite_differences.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/random.h"
#include "astrolabe/graph/gradient.h"
#include "astrolabe/graph/interpret.h"
#include "astrolabe/graph/print.h"
#include "astrolabe/graph/verify.h"

namespace astrolabe {
namespace {

constexpr ElementType kF32 = ElementType::f32;
constexpr std::size_t kSteps = 5, kBatch = 3, kInputs = 2, kUnits = 4;

NodeId row(Graph& graph, NodeId rows, std::size_t at) {
  const Shape shape = graph.shape(rows);
  std::vector<std::size_t> begin(shape.rank(), 0);
  begin[0] = at;
  std::vector<std::size_t> one(shape.dimensions().begin(), shape.dimensions().end());
  one[0] = 1;
  return graph.reshape(graph.slice(rows, begin, Shape(one)), Shape(shape.dimensions().subspan(1)));
}

// What scan() computes, step by step into the graph itself.
NodeId unrolled(Graph& graph, const ScanInputs& inputs, std::size_t steps, const StepBuilder& step) {
  std::vector<NodeId> carries(steps);
  ScanLeaves at{.carry = inputs.first, .stepped = {}, .shared = inputs.shared};
  for (std::size_t done = 0; done < steps; ++done) {
    const std::size_t t = inputs.backwards ? steps - 1 - done : done;
    at.stepped.clear();
    for (const NodeId rows : inputs.stepped) at.stepped.push_back(row(graph, rows, t));
    at.carry = step(graph, at);
    const Shape carry = graph.shape(at.carry);
    std::vector<std::size_t> one{1};
    one.insert(one.end(), carry.dimensions().begin(), carry.dimensions().end());
    carries[t] = graph.reshape(at.carry, Shape(one));
  }
  return graph.concat(carries, 0);
}

// A gated recurrent unit (Cho et al. 2014): shared are weights [in, 3 units], [units, 3 units], bias [3
// units].
NodeId gru_step(Graph& g, const ScanLeaves& at) {
  const Shape carry = g.shape(at.carry);
  const NodeId from_input =
      g.add(g.dot(at.stepped[0], at.shared[0]), g.broadcast_rows(at.shared[2], carry[0]));
  const NodeId from_carry = g.dot(at.carry, at.shared[1]);
  const auto part = [&](NodeId gates, std::size_t which) {
    return g.slice(gates, std::array<std::size_t, 2>{0, which * carry[1]}, carry);
  };
  const NodeId update = g.math("sigmoid", g.add(part(from_input, 0), part(from_carry, 0)));
  const NodeId reset = g.math("sigmoid", g.add(part(from_input, 1), part(from_carry, 1)));
  const NodeId fresh = g.math("tanh", g.add(part(from_input, 2), g.multiply(reset, part(from_carry, 2))));
  return g.add(fresh, g.multiply(update, g.subtract(at.carry, fresh)));
}

ScanInputs gru_inputs(Graph& g, bool backwards) {
  return {.first = g.input("h0", kF32, Shape{kBatch, kUnits}),
          .stepped = {g.input("x", kF32, Shape{kSteps, kBatch, kInputs})},
          .shared = {g.input("u", kF32, Shape{kInputs, 3 * kUnits}),
                     g.input("w", kF32, Shape{kUnits, 3 * kUnits}), g.input("b", kF32, Shape{3 * kUnits})},
          .backwards = backwards};
}

Feed random_feed(const Graph& graph) {
  RandomStream random(Key::from_seed(11));
  Feed feed;
  for (const Slot& slot : graph.input_slots()) {
    feed.inputs.emplace_back(slot.type, slot.shape);
    for (float& value : feed.inputs.back().as<float>()) value = static_cast<float>(0.7 * random.normal());
  }
  return feed;
}

class Recurrence : public ::testing::TestWithParam<bool> {};

TEST_P(Recurrence, has_the_bytes_of_its_steps_written_out) {
  Graph graph;
  const ScanInputs inputs = gru_inputs(graph, GetParam());
  const NodeId fast = scan(graph, inputs, gru_step);
  const NodeId slow = unrolled(graph, inputs, kSteps, gru_step);
  const std::vector<NodeId> roots{fast, slow, last_carry(graph, fast)};
  verify(graph, roots);
  const std::vector<Array> values = interpret(graph, roots, random_feed(graph));
  EXPECT_EQ(values[0], values[1]);
  const auto all = values[1].as<float>(), last = values[2].as<float>();
  const std::size_t at = GetParam() ? 0 : (kSteps - 1) * last.size();
  EXPECT_TRUE(std::ranges::equal(last, all.subspan(at, last.size())));
}

TEST_P(Recurrence, has_the_gradients_of_its_steps_written_out) {
  Graph graph;
  const ScanInputs inputs = gru_inputs(graph, GetParam());
  const auto loss_of = [&](NodeId h) { return graph.sum_all(graph.multiply(h, graph.math("sin", h))); };
  std::vector<NodeId> wanted{inputs.first, inputs.stepped[0]};
  wanted.insert(wanted.end(), inputs.shared.begin(), inputs.shared.end());
  std::vector<NodeId> roots = gradient(graph, loss_of(scan(graph, inputs, gru_step)), wanted);
  for (const NodeId slow : gradient(graph, loss_of(unrolled(graph, inputs, kSteps, gru_step)), wanted))
    roots.push_back(slow);
  verify(graph, roots);
  const std::vector<Array> values = interpret(graph, roots, random_feed(graph));
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto fast = values[i].as<float>(), slow = values[wanted.size() + i].as<float>();
    for (std::size_t j = 0; j < fast.size(); ++j)
      EXPECT_NEAR(static_cast<double>(fast[j]), static_cast<double>(slow[j]), 1e-5) << i << ", " << j;
  }
}

TEST_P(Recurrence, has_the_gradients_of_central_differences) {
  Graph graph;
  const ScanInputs inputs = gru_inputs(graph, GetParam());
  const NodeId h = scan(graph, inputs, gru_step);
  const NodeId loss = graph.sum_all(graph.multiply(h, h));
  std::vector<NodeId> wanted{inputs.first, inputs.stepped[0]};
  wanted.insert(wanted.end(), inputs.shared.begin(), inputs.shared.end());
  testing::expect_gradient(graph, loss, wanted, random_feed(graph), {.step = 1e-5, .tolerance = 1e-6});
}

INSTANTIATE_TEST_SUITE_P(Ways, Recurrence, ::testing::Bool(),
                         [](const auto& way) { return way.param ? "backwards" : "forwards"; });

// Position and momentum of an oscillator side by side: the energy of leapfrog steps comes back.
TEST(Scan, of_leapfrog_steps_keeps_the_energy) {
  Graph graph;
  const NodeId first = graph.input("start", kF32, Shape{2});
  const NodeId path = scan(graph, {.first = first, .steps = 200}, [](Graph& g, const ScanLeaves& at) {
    const auto part = [&](std::size_t which) {
      return g.slice(at.carry, std::array<std::size_t, 1>{which}, Shape{1});
    };
    const NodeId half = g.constant(0.05), whole = g.constant(0.1);
    NodeId q = part(0);
    NodeId p = g.subtract(part(1), g.multiply(half, q));
    q = g.add(q, g.multiply(whole, p));
    p = g.subtract(p, g.multiply(half, q));
    return g.concat(std::array{q, p}, 0);
  });
  const Array start = Array::of<float>(Shape{2}, {1, 0.5F});
  const Array values =
      interpret(graph, std::array{path}, {.inputs = {start}, .states = {}, .scalars = {}})[0];
  const auto all = values.as<float>();
  for (std::size_t t = 0; t < 200; ++t) {
    const auto q = static_cast<double>(all[2 * t]), p = static_cast<double>(all[2 * t + 1]);
    EXPECT_NEAR(q * q + p * p, 1.25, 0.01) << t;
  }
}

TEST(Scan, of_power_steps_finds_the_largest_eigenvalue) {
  Graph graph;
  const NodeId a = graph.input("a", kF32, Shape{2, 2});
  const auto normalized = [](Graph& g, NodeId v) {
    const NodeId size = g.math("sqrt", g.sum_all(g.multiply(v, v)));
    return g.divide(v, size);
  };
  const NodeId first = graph.input("v", kF32, Shape{2, 1});
  const NodeId all =
      scan(graph, {.first = first, .shared = {a}, .steps = 30},
           [&](Graph& g, const ScanLeaves& at) { return normalized(g, g.dot(at.shared[0], at.carry)); });
  const NodeId v = last_carry(graph, all);
  const NodeId value = graph.sum_all(graph.multiply(v, graph.dot(a, v)));
  const Feed feed{
      .inputs = {Array::of<float>(Shape{2, 2}, {2, 1, 1, 3}), Array::of<float>(Shape{2, 1}, {1, 0})},
      .states = {},
      .scalars = {}};
  EXPECT_NEAR(static_cast<double>(interpret(graph, std::array{value}, feed)[0].as<float>()[0]),
              (5 + std::sqrt(5.0)) / 2, 1e-5);
}

TEST(Scan, carries_numbers_and_reads_numbers) {
  Graph graph;
  const NodeId powers = scan(graph, {.first = graph.constant(1), .shared = {graph.constant(3)}, .steps = 4},
                             [](Graph& g, const ScanLeaves& at) {
                               EXPECT_EQ(g.shape(at.carry).rank(), 0U);
                               return g.multiply(at.carry, at.shared[0]);
                             });
  const std::vector<NodeId> roots{powers, last_carry(graph, powers)};
  const std::vector<Array> values = interpret(graph, roots, {});
  EXPECT_EQ(testing::values_of(values[0]), (std::vector<double>{3, 9, 27, 81}));
  EXPECT_EQ(values[1].shape(), Shape{});
  EXPECT_EQ(testing::values_of(values[1]), std::vector<double>{81});
}

TEST(Scan, of_an_equal_step_on_equal_inputs_is_one_node) {
  Graph graph;
  const NodeId x = graph.input("x", kF32, Shape{3});
  const auto twice = [](Graph& g, const ScanLeaves& at) { return g.add(at.carry, at.carry); };
  const auto squared = [](Graph& g, const ScanLeaves& at) { return g.multiply(at.carry, at.carry); };
  EXPECT_EQ(scan(graph, {.first = x, .steps = 3}, twice), scan(graph, {.first = x, .steps = 3}, twice));
  EXPECT_NE(scan(graph, {.first = x, .steps = 3}, twice), scan(graph, {.first = x, .steps = 3}, squared));
  EXPECT_NE(scan(graph, {.first = x, .steps = 3}, twice), scan(graph, {.first = x, .steps = 4}, twice));
  // In another graph, whose bodies have other numbers, it stays what it is.
  const NodeId node = scan(graph, {.first = x, .steps = 3}, squared);
  Graph other;
  std::unordered_map<NodeId, NodeId> known;
  const NodeId copy = copy_into(graph, std::array{node}, other, known)[0];
  EXPECT_EQ(print_graph(other, std::array{copy}), print_graph(graph, std::array{node}));
}

TEST(Scan, is_printed_with_its_step) {
  Graph graph;
  const NodeId x = graph.input("x", kF32, Shape{3});
  const NodeId node = scan(graph, {.first = x, .steps = 7, .backwards = true},
                           [](Graph& g, const ScanLeaves& at) { return g.math("tanh", at.carry); });
  const std::string text = print_graph(graph, std::array{node});
  EXPECT_NE(text.find("scan 7 steps backwards"), std::string::npos) << text;
  EXPECT_NE(text.find("  %1 = math tanh %0"), std::string::npos) << text;
}

// The message of building a scan; empty when it was built.
std::string refusal_of(Graph& graph, const ScanInputs& inputs, const StepBuilder& step) {
  try {
    scan(graph, inputs, step);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    return error.what();
  }
  return "";
}

TEST(Scan, refuses_steps_that_do_not_fit) {
  Graph graph;
  const NodeId x = graph.input("x", kF32, Shape{3}), y = graph.input("y", kF32, Shape{4, 3});
  const auto keep = [](Graph&, const ScanLeaves& at) { return at.carry; };
  const auto shorter = [](Graph& g, const ScanLeaves& at) { return g.sum_all(at.carry); };
  const auto expect = [&](const std::string& message, const std::string& part) {
    EXPECT_NE(message.find(part), std::string::npos) << message;
  };
  expect(refusal_of(graph, {.first = x}, keep), "one step or more");
  expect(refusal_of(graph, {.first = x, .stepped = {y}, .steps = 5}, keep), "5 rows, one per step");
  expect(refusal_of(graph, {.first = x, .stepped = {graph.constant(1)}}, keep), "one row per step");
  expect(refusal_of(graph, {.first = x, .stepped = {y}}, shorter),
         "a step that gives back f32 [3], not f32 [1]");
}

}  // namespace
}  // namespace astrolabe
