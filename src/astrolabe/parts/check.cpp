// SPDX-License-Identifier: Apache-2.0
// Is a free expression fit for its slot? Probes at fixed points; no chance.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/graph/gradient.h"
#include "astrolabe/graph/interpret.h"
#include "astrolabe/graph/vocabulary.h"
#include "astrolabe/parts/catalog.h"

namespace astrolabe {
namespace {

constexpr std::size_t kProbes = 161;

std::vector<float> grid(double low, double high) {
  std::vector<float> points(kProbes);
  for (std::size_t i = 0; i < kProbes; ++i)
    points[i] = static_cast<float>(low + (high - low) * static_cast<double>(i) / (kProbes - 1));
  return points;
}

// A graph in which leaves get their probes as they are made.
struct Probe {
  Graph graph;
  Feed feed;
  std::unordered_map<std::string, NodeId> leaves;

  NodeId vector(const std::string& name, const std::vector<float>& points) {
    feed.inputs.push_back(Array::of<float>(Shape{points.size()}, points));
    return leaves[name] = graph.input(name, ElementType::f32, Shape{points.size()});
  }
  void number(const std::string& name, double value) {
    feed.inputs.push_back(Array::of<float>(Shape{}, {static_cast<float>(value)}));
    leaves[name] = graph.input(name, ElementType::f32, Shape{});
  }
  void numbers_of(const Expression& expression) {
    for (std::size_t i = 0; i < expression.constants.size(); ++i)
      number(fmt::format("c{}", i), expression.constants[i]);
    for (const Expression::Trainable& trainable : expression.trainables)
      number(trainable.name, trainable.initial);
  }
  [[nodiscard]] std::vector<float> values(NodeId node) const {
    const std::vector<Array> result = interpret(graph, std::vector<NodeId>{node}, feed);
    const auto elements = result[0].as<float>();
    return {elements.begin(), elements.end()};
  }
};

bool is_finite(float value) {
  return std::isfinite(value);
}

[[noreturn]] void refuse(const Expression& expression, Complaint complaint) {
  complaint.attempted =
      fmt::format("checking the {} {}", vocabulary_name(expression.vocabulary), expression.text);
  throw usage_error(complaint);
}

void check_activation(const Expression& expression) {
  if (!expression.uses("x")) {
    refuse(expression, {.attempted = {},
                        .expected = "a value that depends on x",
                        .found = "a constant",
                        .remedy = "An activation is a function of its input, as in x*sigmoid(x)."});
  }
  Probe probe;
  probe.vector("x", grid(-8, 8));
  probe.numbers_of(expression);
  const auto values = probe.values(place(expression, probe.graph, probe.leaves).value);
  if (std::ranges::any_of(values, is_finite)) return;
  refuse(expression,
         {.attempted = {},
          .expected = "a finite value somewhere between x = -8 and x = 8",
          .found = "none",
          .remedy = "Logarithms and roots need an input above 0, as in log(1+x^2) or sqrt(abs(x))."});
}

void check_loss(const Expression& expression) {
  Probe probe;
  const std::vector<float> outputs = grid(-4, 4);
  const NodeId z = probe.vector("z", outputs);
  std::vector<float> targets(kProbes);
  for (std::size_t i = 0; i < kProbes; ++i) targets[i] = static_cast<float>(i % 3) / 2;
  probe.vector("y", targets);
  probe.number("classes", 2);
  probe.numbers_of(expression);
  Graph& graph = probe.graph;
  probe.leaves["p"] = graph.math("sigmoid", z);
  probe.leaves["log_p"] = graph.negate(graph.math("softplus", graph.negate(z)));
  probe.leaves["log_1_p"] = graph.negate(graph.math("softplus", z));
  const NodeId value = place(expression, graph, probe.leaves).value;
  if (graph.shape(value).rank() == 1) {
    const std::vector<NodeId> slope = gradient(graph, graph.sum_all(value), std::vector<NodeId>{z});
    if (std::ranges::any_of(probe.values(slope[0]), [](float v) { return is_finite(v) && v != 0; })) return;
  }
  refuse(expression, {.attempted = {},
                      .expected = "a slope in the model's output z, or its probability p",
                      .found = "none, so nothing could be learned",
                      .remedy = "Compare z or p with y, as in (y-z)^2; sign, floor and round are flat."});
}

void check_optimizer(const Expression& expression) {
  if (expression.uses("g")) return;
  refuse(expression, {.attempted = {},
                      .expected = "a step that depends on the gradient g",
                      .found = "none",
                      .remedy = "The value is what is subtracted from the weight, as in lr*g."});
}

void check_schedule(const Expression& expression) {
  Probe probe;
  std::vector<float> fractions = grid(0, 1);
  probe.vector("t", fractions);
  std::ranges::for_each(fractions, [](float& t) { t = 1 + 1000 * t; });
  probe.vector("k", fractions);
  probe.numbers_of(expression);
  const auto values = probe.values(place(expression, probe.graph, probe.leaves).value);
  const bool is_fit =
      std::ranges::all_of(values, is_finite) && std::ranges::any_of(values, [](float v) { return v > 0; });
  if (is_fit) return;
  refuse(expression, {.attempted = {},
                      .expected = "finite values from t = 0 to t = 1, some of them above 0",
                      .found = "others",
                      .remedy = "The value multiplies the learning rate, as in 1-t or cos(pi/2*t)."});
}

}  // namespace

void check_part(const Expression& expression) {
  switch (expression.vocabulary) {
    case Vocabulary::activation:
      return check_activation(expression);
    case Vocabulary::loss:
      return check_loss(expression);
    case Vocabulary::optimizer:
      return check_optimizer(expression);
    case Vocabulary::schedule:
      return check_schedule(expression);
  }
}

}  // namespace astrolabe
