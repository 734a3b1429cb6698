// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/batch_loss.h"

#include <fmt/format.h>

#include "astrolabe/train/taught_loss.h"

namespace astrolabe {

NodeId picture_input(Graph& graph, const NetSpec& net, std::size_t rows) {
  if (!net.trunk.is_there()) return kNoNode;
  const PictureSize& size = net.trunk.picture;
  return graph.input("pictures", ElementType::f32, Shape{rows, size.height, size.width, size.channels});
}

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
  inputs.pictures = picture_input(graph, spec.net, spec.batch);
  const NodeId y = rows_of("y", ElementType::f32, Shape{spec.rows});
  if (is_training && spec.net.drops) inputs.key = graph.input("key", ElementType::u32, Shape{2});
  batch.net = place_net(graph, spec.net, layout, inputs);
  const NodeId smoothing = is_training && spec.smooths ? graph.scalar("smoothing") : kNoNode;
  const auto losses_of = [&](NodeId labels) {
    return place_loss(graph, spec.loss,
                      {.head = spec.head, .z = batch.net.z, .y = labels, .smoothing = smoothing});
  };
  batch.losses = losses_of(y);
  if (is_training && spec.mixes) {
    const Shape rows{spec.batch};
    const NodeId with = graph.input("mix_with", ElementType::i32, rows);
    const NodeId share = graph.input("mix_share", ElementType::f32, rows);
    const NodeId other = losses_of(graph.take(graph.input("y", ElementType::f32, Shape{spec.rows}), with));
    batch.losses = graph.add(other, graph.multiply(share, graph.subtract(batch.losses, other)));
  }
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
