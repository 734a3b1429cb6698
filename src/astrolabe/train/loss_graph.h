// SPDX-License-Identifier: Apache-2.0
// A loss expression over the raw outputs of a net: the loss of every row.
//
//   const NodeId losses = place_loss(graph, loss, {.head = Head::classes, .z = z, .y = y});   // f32 [rows]
//
// number: y is the number, z [rows, 1] the value (or its logarithm: whoever predicts knows); p has no
// meaning. binary: z is the logit of class 1 and p its probability; both classes are summed: the expression
// at (y, z, p) and at (1 - y, -z, 1 - p), y being 1 for the row's own class. classes: the same over all
// classes, p a softmax. The loss is computed class-major, so that sums over classes run across rows side by
// side. log_p and log_1_p never leave the finite numbers while z is finite.
#pragma once

#include "astrolabe/graph/expression.h"
#include "astrolabe/graph/graph.h"

namespace astrolabe {

enum class Head : std::uint8_t { number, binary, classes };

struct LossInput {
  Head head = Head::number;
  NodeId z = kNoNode;          // f32 [rows, outputs]
  NodeId y = kNoNode;          // f32 [rows]: the number, or the index of the class
  NodeId smoothing = kNoNode;  // rank 0: this share of y is spread over all classes; kNoNode: none
};

// Throws usage_error for a variable that has no meaning with this head. Constants become scalars "loss.c0"...
[[nodiscard]] NodeId place_loss(Graph& graph, const Expression& loss, const LossInput& input);

// softmax(z) before it is divided by its sum: exp(z - max z), [classes, rows] of z [rows, classes].
[[nodiscard]] NodeId unscaled_probabilities(Graph& graph, NodeId z);

}  // namespace astrolabe
