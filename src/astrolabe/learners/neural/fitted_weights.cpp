// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/neural/fitted_weights.h"

#include "astrolabe/train/programs.h"

namespace astrolabe::neural {

void bind_fitted(Execution& run, const NetSpec& net, const FittedWeights& weights) {
  run.bind_state("w", const_cast<float*>(weights.w.data()));
  run.bind_state("running", const_cast<float*>(weights.running.data()));
  set_constants(run, net.activation, "activation");
  run.bind_input("bin_low", weights.bins.low.data());
  run.bind_input("bin_scale", weights.bins.scale.data());
}

}  // namespace astrolabe::neural
