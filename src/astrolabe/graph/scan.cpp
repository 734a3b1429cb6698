// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/graph/scan.h"

#include <array>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/graph/print.h"
#include "astrolabe/graph/refusal.h"

namespace astrolabe {
namespace {

// The shape without its first axis.
Shape row_shape(const Shape& shape) {
  return Shape(shape.dimensions().subspan(1));
}

Shape with_rows(std::size_t rows, const Shape& row) {
  std::vector<std::size_t> dimensions{rows};
  dimensions.insert(dimensions.end(), row.dimensions().begin(), row.dimensions().end());
  return Shape(dimensions);
}

// Numbers as arrays of one element, which have memory where plans want it.
NodeId as_array(Graph& graph, NodeId node) {
  return graph.shape(node).rank() == 0 ? graph.reshape(node, Shape{1}) : node;
}

Error refused(const std::string& expected, const std::string& found) {
  return usage_error({.attempted = "building scan",
                      .expected = expected,
                      .found = found,
                      .remedy = "Look at what the step reads and returns."});
}

std::size_t steps_of(const Graph& graph, const ScanInputs& inputs) {
  std::size_t steps = inputs.steps;
  for (const NodeId node : inputs.stepped) {
    const Shape& shape = graph.shape(node);
    if (shape.rank() == 0) throw refused("one row per step", "a single number");
    if (steps == 0) steps = shape[0];
    if (shape[0] != steps) throw refused(fmt::format("{} rows, one per step", steps), shape.to_text());
  }
  if (steps == 0) throw refused("one step or more", "none");
  return steps;
}

// Some rows of a value, from `begin` on.
NodeId rows_of(Graph& graph, NodeId node, std::size_t begin, std::size_t count) {
  std::vector<std::size_t> from(graph.shape(node).rank(), 0);
  from[0] = begin;
  return graph.slice(node, from, with_rows(count, row_shape(graph.shape(node))));
}

}  // namespace

std::shared_ptr<const ScanBody> finished(ScanBody body) {
  std::vector<NodeId> roots{body.next};
  roots.insert(roots.end(), body.leaves.begin(), body.leaves.end());
  body.text = fmt::format("{}{} stepped\n", print_graph(body.graph, roots), body.stepped);
  return std::make_shared<const ScanBody>(std::move(body));
}

NodeId scan(Graph& graph, const ScanInputs& inputs, const StepBuilder& step) {
  const std::size_t steps = steps_of(graph, inputs);
  const bool is_number = graph.shape(inputs.first).rank() == 0;
  ScanBody body;
  NodeDraft draft{.op = Op::scan, .inputs = {as_array(graph, inputs.first)}, .attributes = {}, .wanted = {}};
  const auto leaf = [&](const std::string& name, NodeId given, const Shape& shape) {
    body.leaves.push_back(body.graph.input(name, graph.type(given), shape));
    return body.leaves.back();
  };
  // A number of the outer graph is an array of one element on the way in, and a number again inside.
  const auto whole_leaf = [&](const std::string& name, NodeId given) {
    const bool is_one = graph.shape(given).rank() == 0;
    const NodeId inside = leaf(name, given, is_one ? Shape{1} : graph.shape(given));
    return is_one ? body.graph.reshape(inside, Shape{}) : inside;
  };
  ScanLeaves at;
  at.carry = whole_leaf("carry", inputs.first);
  for (std::size_t i = 0; i < inputs.stepped.size(); ++i) {
    draft.inputs.push_back(inputs.stepped[i]);
    const Shape shape = row_shape(graph.shape(inputs.stepped[i]));
    at.stepped.push_back(leaf(fmt::format("row{}", i), inputs.stepped[i], shape));
  }
  for (std::size_t i = 0; i < inputs.shared.size(); ++i) {
    draft.inputs.push_back(as_array(graph, inputs.shared[i]));
    at.shared.push_back(whole_leaf(fmt::format("all{}", i), inputs.shared[i]));
  }
  body.stepped = inputs.stepped.size();
  body.next = as_array(body.graph, step(body.graph, at));
  draft.attributes.value = static_cast<std::int64_t>(steps);
  draft.attributes.first[0] = graph.add_body(finished(std::move(body)));
  draft.attributes.first[1] = inputs.backwards ? 1 : 0;
  const NodeId scanned = graph.append(draft);
  return is_number ? graph.reshape(scanned, Shape{steps}) : scanned;
}

ScanInputs scan_inputs(const Graph& graph, NodeId scan) {
  ASTROLABE_CHECK(graph[scan].op == Op::scan, "a node of Op::scan");
  const auto inputs = graph.inputs(scan);
  const auto stepped = static_cast<std::ptrdiff_t>(graph.body_of(scan)->stepped);
  return {.first = inputs[0],
          .stepped = {inputs.begin() + 1, inputs.begin() + 1 + stepped},
          .shared = {inputs.begin() + 1 + stepped, inputs.end()},
          .steps = static_cast<std::size_t>(graph[scan].attributes.value),
          .backwards = graph[scan].attributes.first[1] != 0};
}

NodeId last_carry(Graph& graph, NodeId scanned) {
  const NodeId scan = graph[scanned].op == Op::scan ? scanned : graph.input_of(scanned, 0);
  const ScanInputs inputs = scan_inputs(graph, scan);
  const NodeId row = rows_of(graph, scanned, inputs.backwards ? 0 : inputs.steps - 1, 1);
  return graph.reshape(row, row_shape(graph.shape(scanned)));
}

NodeId carries_before(Graph& graph, NodeId scan) {
  const ScanInputs inputs = scan_inputs(graph, scan);
  const NodeId first = graph.reshape(inputs.first, with_rows(1, graph.shape(inputs.first)));
  if (inputs.steps == 1) return first;
  const NodeId others = rows_of(graph, scan, inputs.backwards ? 1 : 0, inputs.steps - 1);
  const std::array<NodeId, 2> parts{inputs.backwards ? others : first, inputs.backwards ? first : others};
  return graph.concat(parts, 0);
}

NodeId place_step(const ScanBody& body, Graph& to, const ScanLeaves& at) {
  std::unordered_map<NodeId, NodeId> known{{body.leaves[0], at.carry}};
  for (std::size_t i = 0; i < at.stepped.size(); ++i) known[body.leaves[1 + i]] = at.stepped[i];
  for (std::size_t i = 0; i < at.shared.size(); ++i) known[body.leaves[1 + body.stepped + i]] = at.shared[i];
  return copy_into(body.graph, std::span(&body.next, 1), to, known)[0];
}

}  // namespace astrolabe
