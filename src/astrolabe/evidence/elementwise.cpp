// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evidence/elementwise.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include <fmt/format.h>

#include "astrolabe/graph/gradient.h"

namespace astrolabe {
namespace {

Array array_of(std::span<const double> values) {
  return Array::of<double>(Shape{values.size()}, {values.begin(), values.end()});
}

Array number_of(double value) {
  return Array::of<double>(Shape{}, {value});
}

// A constant expression has one number for all.
std::vector<double> elements_of(const Array& array, std::size_t count) {
  const std::span<const double> values = array.as<double>();
  if (values.size() == count) return {values.begin(), values.end()};
  return std::vector<double>(count, values[0]);
}

}  // namespace

ElementwiseFunction::ElementwiseFunction(const Expression& expression, std::string_view variable)
    : expression_(expression), variable_(variable) {}

std::vector<double> ElementwiseFunction::apply(std::span<const double> x, bool wants_slope) const {
  Graph graph;
  std::unordered_map<std::string, NodeId> leaves = number_leaves(expression_, graph);
  const NodeId input = leaves[variable_] = graph.input(variable_, ElementType::f64, Shape{x.size()});
  NodeId value = place(expression_, graph, leaves).value;
  if (graph.type(value) != ElementType::f64) value = graph.cast(value, ElementType::f64);
  NodeId root = value;
  if (wants_slope) {
    // Of the sum: every element pulls at its own input alone.
    if (graph.shape(value).rank() == 0) return std::vector<double>(x.size(), 0.0);
    root = gradient(graph, graph.sum_all(value), std::array{input}).front();
  }
  const Feed feed{.inputs = {array_of(x)}, .states = {}, .scalars = {}};
  return elements_of(interpret(graph, std::array{root}, feed).front(), x.size());
}

std::vector<double> ElementwiseFunction::value(std::span<const double> x) const {
  return apply(x, false);
}

std::vector<double> ElementwiseFunction::slope(std::span<const double> x) const {
  return apply(x, true);
}

ElementwiseStep::ElementwiseStep(const Expression& optimizer, std::size_t weights)
    : memories_(optimizer.memories.size()) {
  std::unordered_map<std::string, NodeId> leaves = number_leaves(optimizer, graph_);
  const Shape all{weights};
  for (const char* name : {"g", "w"}) leaves[name] = graph_.input(name, ElementType::f64, all);
  for (const char* name : {"lr", "k", "t"}) leaves[name] = graph_.input(name, ElementType::f64, Shape{});
  for (const Expression::Memory& memory : optimizer.memories)
    leaves[memory.name] = graph_.input(memory.name, ElementType::f64, all);
  const Placed placed = place(optimizer, graph_, leaves);
  roots_ = {placed.value};
  roots_.insert(roots_.end(), placed.next.begin(), placed.next.end());
  feed_.inputs.resize(2, Array(ElementType::f64, all));
  feed_.inputs.resize(5, number_of(0));
  feed_.inputs.resize(5 + memories_, Array(ElementType::f64, all));
}

void ElementwiseStep::step(std::span<double> weights, std::span<const double> gradient, double rate,
                           std::size_t step, std::size_t steps) {
  feed_.inputs[0] = array_of(gradient);
  feed_.inputs[1] = array_of(weights);
  feed_.inputs[2] = number_of(rate);
  feed_.inputs[3] = number_of(static_cast<double>(step));
  feed_.inputs[4] = number_of(static_cast<double>(step) / static_cast<double>(steps));
  const std::vector<Array> results = interpret(graph_, roots_, feed_);
  const std::vector<double> moved = elements_of(results[0], weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] -= moved[i];
  for (std::size_t m = 0; m < memories_; ++m)
    feed_.inputs[5 + m] = array_of(elements_of(results[1 + m], weights.size()));
}

}  // namespace astrolabe
