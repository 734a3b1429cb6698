// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/batch_loss.h"

#include <fmt/format.h>

#include "astrolabe/train/taught_loss.h"

namespace astrolabe {

BatchLoss place_batch_loss(Graph& graph, const StepSpec& spec, const ParameterLayout& layout,
                           bool is_training) {
  BatchLoss batch;
  batch.index = graph.input("batch", ElementType::i32, Shape{spec.batch});
  const auto rows_of = [&](std::string_view name, ElementType type, const Shape& shape) {
    return graph.take(graph.input(name, type, shape), batch.index);
  };
  NetInputs inputs{.rows = spec.batch, .is_training = is_training};
  if (spec.net.numbers > 0) inputs.x = rows_of("x", ElementType::f32, Shape{spec.rows, spec.net.numbers});
  for (std::size_t i = 0; i < spec.net.categories.size(); ++i)
    inputs.codes.push_back(rows_of(fmt::format("codes{}", i), ElementType::i32, Shape{spec.rows}));
  const NodeId y = rows_of("y", ElementType::f32, Shape{spec.rows});
  if (is_training && spec.net.drops) inputs.key = graph.input("key", ElementType::u32, Shape{2});
  batch.net = place_net(graph, spec.net, layout, inputs);
  const NodeId smoothing = is_training && spec.smooths ? graph.scalar("smoothing") : kNoNode;
  batch.losses =
      place_loss(graph, spec.loss, {.head = spec.head, .z = batch.net.z, .y = y, .smoothing = smoothing});
  if (is_training && spec.taught) {
    const NodeId taught = rows_of("taught", ElementType::f32, Shape{spec.rows, spec.net.outputs});
    batch.losses = place_taught_loss(
        graph, {.head = spec.head, .z = batch.net.z, .taught = taught, .labels = batch.losses});
  }
  return batch;
}

NodeId place_batch_mean(Graph& graph, const StepSpec& spec, const BatchLoss& batch) {
  NodeId losses = batch.losses;
  if (spec.weighted) {
    const NodeId all = graph.input("weight", ElementType::f32, Shape{spec.rows});
    losses = graph.multiply(losses, graph.take(all, batch.index));
  }
  return graph.multiply(graph.sum_all(losses), graph.constant(1.0 / static_cast<double>(spec.batch)));
}

}  // namespace astrolabe
