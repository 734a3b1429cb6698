// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/programs.h"

#include <fmt/format.h>

#include "astrolabe/graph/gradient.h"
#include "astrolabe/train/batch_loss.h"
#include "astrolabe/train/net_graph.h"

namespace astrolabe {
namespace {

NodeId clipped(Graph& graph, NodeId g) {
  const NodeId norm = graph.math("sqrt", graph.sum_all(graph.multiply(g, g)));
  const NodeId limit = graph.scalar("clip");
  // limit / max(norm, limit) is exactly 1 below the limit.
  return graph.multiply(g, graph.divide(limit, graph.maximum(norm, limit)));
}

// An expression of numbers alone, lr say, as it stands; others as they come.
NodeId as_vector(Graph& graph, NodeId value, const Shape& shape) {
  if (graph.shape(value) == shape) return value;
  return graph.expand(graph.reshape(value, Shape{1}), shape);
}

}  // namespace

OptimizerStep place_optimizer(Graph& graph, const StepSpec& spec, NodeId w, NodeId g) {
  const NodeId k = graph.scalar("k"), t = graph.scalar("t");
  auto schedule_leaves = constant_leaves(graph, spec.schedule, "schedule");
  schedule_leaves["k"] = k;
  schedule_leaves["t"] = t;
  const NodeId lr = graph.multiply(graph.scalar("lr"), place(spec.schedule, graph, schedule_leaves).value);
  auto leaves = constant_leaves(graph, spec.optimizer, "optimizer");
  leaves.insert({{"g", g}, {"w", w}, {"lr", lr}, {"k", k}, {"t", t}});
  const Shape shape = graph.shape(w);
  std::vector<NodeId> states;
  for (const Expression::Memory& memory : spec.optimizer.memories) {
    states.push_back(graph.state("optimizer." + memory.name, ElementType::f32, shape));
    leaves[memory.name] = states.back();
  }
  const Placed placed = place(spec.optimizer, graph, leaves);
  OptimizerStep update;
  for (std::size_t i = 0; i < states.size(); ++i)
    update.memories.push_back({states[i], as_vector(graph, placed.next[i], shape)});
  NodeId step = placed.value;
  if (spec.decays) {
    const NodeId pull = graph.multiply(graph.input("decay", ElementType::f32, shape), w);
    step = graph.add(step, graph.multiply(lr, pull));
  }
  update.next_w = graph.subtract(w, as_vector(graph, step, shape));
  return update;
}

namespace {

// The leaves of answer_program and influence_program, and the net on them.
NetNodes place_on_inputs(Graph& graph, const NetSpec& net, const ParameterLayout& layout, NetInputs& inputs) {
  if (net.numbers > 0) inputs.x = graph.input("x", ElementType::f32, Shape{inputs.rows, net.numbers});
  for (std::size_t i = 0; i < net.categories.size(); ++i)
    inputs.codes.push_back(graph.input(fmt::format("codes{}", i), ElementType::i32, Shape{inputs.rows}));
  inputs.pictures = picture_input(graph, net, inputs.rows);
  return place_net(graph, net, layout, inputs);
}

}  // namespace

Program step_program(const StepSpec& spec, const ParameterLayout& layout) {
  Program program;
  Graph& graph = program.graph;
  const BatchLoss batch = place_batch_loss(graph, spec, layout, true);
  const NetNodes& net = batch.net;
  const NodeId mean = place_batch_mean(graph, spec, batch);
  NodeId g = join_aligned(graph, gradient(graph, mean, net.parameters));
  if (spec.clips) g = clipped(graph, g);
  OptimizerStep update = place_optimizer(graph, spec, net.w, g);
  program.outputs = {mean};
  program.updates = std::move(update.memories);
  program.updates.push_back({net.w, update.next_w});
  if (net.next_running != kNoNode) program.updates.push_back({net.running, net.next_running});
  return program;
}

Program loss_program(const StepSpec& spec, const ParameterLayout& layout) {
  Program program;
  const BatchLoss batch = place_batch_loss(program.graph, spec, layout, false);
  const NodeId weight = program.graph.input("weight", ElementType::f32, Shape{spec.batch});
  program.outputs = {program.graph.sum_all(program.graph.multiply(batch.losses, weight))};
  return program;
}

Program answer_program(const NetSpec& net, const ParameterLayout& layout, Head head, bool is_logarithm,
                       std::size_t rows) {
  Program program;
  Graph& graph = program.graph;
  NetInputs inputs{.rows = rows};
  const NodeId z = place_on_inputs(graph, net, layout, inputs).z;
  if (head == Head::classes) {
    program.outputs = {unscaled_probabilities(graph, z)};
    return program;
  }
  const NodeId column = graph.reshape(z, Shape{rows});
  program.outputs = {head == Head::number && is_logarithm ? graph.math("exp", column) : column};
  if (head == Head::binary)
    program.outputs.push_back(graph.math("exp", graph.minimum(column, graph.negate(column))));
  return program;
}

Program influence_program(const NetSpec& net, const ParameterLayout& layout, std::size_t rows) {
  Program program;
  Graph& graph = program.graph;
  NetInputs inputs{.rows = rows};
  const NetNodes nodes = place_on_inputs(graph, net, layout, inputs);
  std::vector<NodeId> sources;
  if (net.numbers > 0) sources.push_back(inputs.x);
  sources.insert(sources.end(), nodes.embedded.begin(), nodes.embedded.end());
  const NodeId seed = graph.input("seed", ElementType::f32, Shape{rows, net.outputs});
  const std::vector<NodeId> gradients = pull_back(graph, nodes.z, seed, sources);
  const std::size_t first = net.numbers > 0 ? 1 : 0;
  if (first == 1) program.outputs.push_back(gradients[0]);
  for (std::size_t i = 0; i < nodes.embedded.size(); ++i) {
    program.outputs.push_back(nodes.embedded[i]);
    program.outputs.push_back(gradients[first + i]);
  }
  return program;
}

void set_constants(Execution& run, const Expression& expression, std::string_view prefix) {
  for (std::size_t i = 0; i < expression.constants.size(); ++i)
    run.set_scalar(fmt::format("{}.c{}", prefix, i), expression.constants[i]);
}

}  // namespace astrolabe
