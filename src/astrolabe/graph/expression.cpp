// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/graph/expression.h"

#include "astrolabe/base/error.h"
#include "astrolabe/graph/expression_parser.h"
#include "astrolabe/graph/interpret.h"

namespace astrolabe {
namespace {

std::vector<NodeId> roots_of(const Expression& expression) {
  std::vector<NodeId> roots = {expression.value};
  for (const Expression::Memory& memory : expression.memories) roots.push_back(memory.next);
  return roots;
}

// The numbers of the text, and those that trained constants begin with.
std::unordered_map<std::string, double> numbers_of(const Expression& expression) {
  std::unordered_map<std::string, double> values;
  for (std::size_t i = 0; i < expression.constants.size(); ++i)
    values["c" + std::to_string(i)] = expression.constants[i];
  for (const Expression::Trainable& trainable : expression.trainables)
    values[trainable.name] = trainable.initial;
  return values;
}

// What the leaves have that evaluate_expression is not told.
std::unordered_map<std::string, double> beginning(const Expression& expression) {
  std::unordered_map<std::string, double> values = numbers_of(expression);
  for (const Expression::Memory& memory : expression.memories) values[memory.name] = 0;
  return values;
}

}  // namespace

bool Expression::uses(std::string_view leaf) const {
  for (const NodeId id : reachable(graph, roots_of(*this)))
    if (is_slot(graph[id].op) && graph.slot_of(id).name == leaf) return true;
  return false;
}

bool Expression::uses_probability() const {
  return uses("p") || uses("log_p") || uses("log_1_p");
}

Expression parse_expression(Vocabulary vocabulary, std::string_view text, const MacroTable& macros) {
  ExpressionBuilder build(vocabulary);
  ExpressionReading reading{build, macros};
  return build.finish(ExpressionParser(reading, text, {}).parse());
}

std::unordered_map<std::string, NodeId> number_leaves(const Expression& expression, Graph& graph) {
  std::unordered_map<std::string, NodeId> leaves;
  for (const auto& [name, value] : numbers_of(expression))
    leaves[name] = graph.constant(value, ElementType::f64);
  return leaves;
}

Placed place(const Expression& expression, Graph& graph,
             const std::unordered_map<std::string, NodeId>& leaves) {
  const Graph& from = expression.graph;
  const std::vector<NodeId> roots = roots_of(expression);
  const std::vector<NodeId> needed = reachable(from, roots);
  std::unordered_map<NodeId, NodeId> known;
  auto type = ElementType::f32;
  for (const NodeId id : needed) {
    if (!is_slot(from[id].op)) continue;
    const auto leaf = leaves.find(from.slot_of(id).name);
    ASTROLABE_CHECK(leaf != leaves.end(), "every leaf of an expression is bound: " + from.slot_of(id).name);
    known[id] = leaf->second;
    type = graph.type(leaf->second);
  }
  for (const NodeId id : needed)
    if (from[id].op == Op::constant) known[id] = graph.constant(from[id].constant_value(), type);
  const std::vector<NodeId> copies = copy_into(from, roots, graph, known);
  return {copies[0], {copies.begin() + 1, copies.end()}};
}

double evaluate_expression(const Expression& expression,
                           const std::unordered_map<std::string, double>& values) {
  std::unordered_map<std::string, double> bound = beginning(expression);
  for (const auto& [name, value] : values) bound[name] = value;
  Graph graph;
  std::unordered_map<std::string, NodeId> leaves;
  Feed feed;
  for (const auto& [name, value] : bound) {
    leaves[name] = graph.input(name, ElementType::f64, Shape{});
    feed.inputs.push_back(Array::of<double>(Shape{}, {value}));
  }
  const NodeId value = place(expression, graph, leaves).value;
  const std::vector<Array> result =
      interpret(graph, std::vector<NodeId>{graph.cast(value, ElementType::f64)}, feed);
  return result[0].as<double>()[0];
}

}  // namespace astrolabe
