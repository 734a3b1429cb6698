// SPDX-License-Identifier: Apache-2.0
// A net and its loss on a batch of rows, gathered inside the program: what a training step, the loss of
// watched rows and a Hessian-vector product begin with.
//
//   const BatchLoss batch = place_batch_loss(graph, spec, layout, true);
//   const NodeId mean = place_batch_mean(graph, spec, batch);
//   const std::vector<NodeId> slopes = gradient(graph, mean, batch.net.parameters);
//
// Leaves that it adds: those of place_net and of place_loss, and the inputs of a step (programs.h) that the
// spec asks for.
#pragma once

#include "astrolabe/train/net_graph.h"
#include "astrolabe/train/programs.h"

namespace astrolabe {

struct BatchLoss {
  NodeId index = kNoNode;   // i32 [batch], the rows of this batch
  NetNodes net;             // on those rows
  NodeId losses = kNoNode;  // f32 [batch]
};

// While training: dropout, smoothing, and the batch's own statistics, where the spec has them.
[[nodiscard]] BatchLoss place_batch_loss(Graph& graph, const StepSpec& spec, const ParameterLayout& layout,
                                         bool is_training);

// The input "pictures" f32 [rows, height, width, channels]; kNoNode for a net without a trunk.
[[nodiscard]] NodeId picture_input(Graph& graph, const NetSpec& net, std::size_t rows);

// Their mean, by the weights of the rows when the spec has weights: rank 0.
[[nodiscard]] NodeId place_batch_mean(Graph& graph, const StepSpec& spec, const BatchLoss& batch);

}  // namespace astrolabe
