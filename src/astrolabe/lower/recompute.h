// SPDX-License-Identifier: Apache-2.0
// A plan whose arena keeps to a limit, because some steps run again instead of keeping what they made.
//
//   const Plan plan = recompute_within_limit(request, phases, steps, plain);
//   plan.recomputation.steps_again      // and what they cost: recomputation.extra_work
//
// Equal nodes are one node, so a graph cannot say "once more"; steps can. A step that runs again is the same
// step on the same inputs and writes its result into other memory, so bytes do not change: random bits are a
// function of key and index, and what changes a state (a weight, a running statistic) is written once, by the
// step's first run. Searched in two ways, the cheaper of which is taken: as a chain (chain_blocks.h), and by
// simulation (eviction.h).
#pragma once

#include "astrolabe/lower/order_steps.h"

namespace astrolabe {

// `plain` is what place_steps() made of the steps. Throws LimitTooLow when the limit is below what any order
// could do with, or below all that was found; the message says how much it takes.
[[nodiscard]] Plan recompute_within_limit(const LowerRequest& request, const Phases& phases,
                                          const OrderedSteps& steps, const Plan& plain);

}  // namespace astrolabe
