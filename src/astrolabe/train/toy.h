// SPDX-License-Identifier: Apache-2.0
// Does this train anything at all? A question of a few milliseconds, before a candidate gets a real training.
//
//   const ToyAnswer answer = train_toy({.head = Head::binary, .activation = relu, .loss = cross_entropy,
//                                       .optimizer = found});
//   if (!answer.is_finite || answer.learned < 0.1) ...   // not worth a real training
//   answer.learning_rate                                 // at which it learned most
//
// A net 8-16-16-1 sees 256 made-up rows, 200 batches of 32, at four learning rates side by side (Ensemble).
// What it learned is measured by what a user would ask, never by the loss that was trained: a searched loss
// may fall to minus infinity and teach nothing. (Loss functions found by search are tried on toys in Gu et
// al., "AutoLoss-Zero", CVPR 2022; Li et al., "AutoLoss-GMS", 2022.)
#pragma once

#include "astrolabe/graph/expression.h"
#include "astrolabe/train/loss_graph.h"

namespace astrolabe {

struct ToyQuestion {
  Head head = Head::number;  // number or binary
  const Expression& activation;
  const Expression& loss;
  const Expression& optimizer;
};

struct ToyAnswer {
  // At some rate no batch had a loss that is not finite, and no weight ended so.
  bool is_finite = false;
  // Of the error that the best constant leaves, the share that is gone; negative when training made it worse.
  // Numbers: squared error. Binary: rows on the wrong side. At the best rate; 0 when nothing is finite.
  double learned = 0;
  // The best rate; 0 when nothing is finite.
  double learning_rate = 0;
};

// The four rates are 1e-3, 1e-2, 1e-1 and 1; an optimizer that does not look at lr has one training. Pure,
// and thread-safe: equal questions have equal answers on every machine. Cost: 2 ms where the nests were
// compiled for another toy, as of optimizers with familiar operations; 6 ms for an activation, whose nests
// are new; a millisecond of it is building the program.
[[nodiscard]] ToyAnswer train_toy(const ToyQuestion& question);

}  // namespace astrolabe
