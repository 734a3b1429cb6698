// SPDX-License-Identifier: Apache-2.0
// What a fitted net is made of, and how a program gets to read it.
//
//   Execution run(compile(answer_program(net, layout, head, false, rows)));
//   bind_fitted(run, net, {w, running, bins});
#pragma once

#include <span>

#include "astrolabe/runtime/executable.h"
#include "astrolabe/train/net.h"
#include "astrolabe/train/trainer.h"

namespace astrolabe::neural {

struct FittedWeights {
  std::span<const float> w;
  std::span<const float> running;
  const NetBins& bins;
};

// Weights, running statistics, bins and the numbers of the activation. The program only reads its states, and
// what is bound must outlive its runs.
void bind_fitted(Execution& run, const NetSpec& net, const FittedWeights& weights);

}  // namespace astrolabe::neural
