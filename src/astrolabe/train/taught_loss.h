// SPDX-License-Identifier: Apache-2.0
// The loss of a student: what the labels say and what a teacher says.
//
//   a T^2 CE(softmax(z_t / T), softmax(z / T)) + (1 - a) labels      classes
//   a (v - z)^2 + (1 - a) labels                                     numbers: v is the teacher's value
//
// z_t are the logarithms of the teacher's probabilities, so that any model can teach, z the student's raw
// outputs. T^2 keeps the pull of both parts at the same size whatever the temperature is.
// (Hinton, Vinyals and Dean, "Distilling the knowledge in a neural network", 2015, section 2.)
#pragma once

#include <span>
#include <vector>

#include "astrolabe/graph/graph.h"
#include "astrolabe/train/loss_graph.h"

namespace astrolabe {

struct TaughtLoss {
  Head head = Head::number;
  NodeId z = kNoNode;       // f32 [rows, outputs]
  NodeId taught = kNoNode;  // f32 [rows, outputs], as soft_targets gives them; numbers: values on z's scale
  NodeId labels = kNoNode;  // f32 [rows]: the loss by the labels
};
// f32 [rows]. Adds the scalars "temperature" and "taught_share".
[[nodiscard]] NodeId place_taught_loss(Graph& graph, const TaughtLoss& loss);

// softmax(log p / T) of a teacher's probabilities [rows, outputs], one output standing for two classes. T >
// 0.
[[nodiscard]] std::vector<float> soft_targets(std::span<const double> probabilities, std::size_t outputs,
                                              double temperature);

}  // namespace astrolabe
