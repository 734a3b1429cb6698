// SPDX-License-Identifier: Apache-2.0
// Search by reinforcement learning: a recurrent policy on our own engine writes points, one dimension after
// another, and learns which writing is rewarded.
//
//   const std::unique_ptr<Proposer> proposer = make_controller(space, {.algorithm = "ppo"}, key);
//
// Rewards are ranks, so that only the order of costs counts; pruned trials rank behind complete ones, failed
// ones behind both. Points that were seen are not proposed again while others are within reach. When nothing
// has become better for `patience` trials the policy begins anew; the points that were seen stay seen.
//
// A number of many values is decided as one of `bins` equal shares of its scale; where in the share is drawn,
// half of the time anywhere, otherwise near the place of one of the best.
//
//   ppo        After every `batch` trials the policy is moved, by the clipped objective, towards the better
//              and away from the worse of the newest trials and the `replay` best since it began. Trials that
//              others asked for, and known costs told again, teach as its own do.
//   reinforce  After every `batch` trials of its own, one step along the reward minus a moving baseline; the
//              reward is the share of the latest trials, anybody's, that were worse.
//
// Source: Zoph and Le, "Neural architecture search with reinforcement learning", ICLR 2017 (controller,
// baseline); Schulman et al., "Proximal policy optimization algorithms", 2017; Abolafia et al., "Neural
// program synthesis with priority queue training", 2018 (learning from the best so far).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "astrolabe/model/settings.h"
#include "astrolabe/search/proposer.h"

namespace astrolabe {

// The defaults were a first guess that no search has improved on (benchmarks/controller says how they were
// checked).
struct ControllerSettings {
  std::string algorithm = "ppo";
  std::int64_t hidden = 32;
  double learning_rate = 0;  // the algorithm's own: 0.01 for ppo, 0.03 for reinforce
  std::int64_t batch = 4;
  std::int64_t replay = 16;     // ppo
  std::int64_t epochs = 4;      // ppo
  double clip = 0.2;            // ppo
  double baseline_decay = 0.9;  // reinforce
  double entropy = 0.01;
  double exploration = 0.05;
  std::int64_t patience = 0;  // 100, or ten for each dimension if that is more
  std::int64_t bins = 8;
};
[[nodiscard]] std::span<const Field<ControllerSettings>> controller_settings_table();

// Cost of a proposal and its observation on six dimensions: 0.1 to 0.3 ms, growing with the dimensions.
// Memory: the latest trials and some bytes per point. Making one for six dimensions takes 10 ms, for a
// hundred half a second; machine code comes only when the policy has run long enough to pay for it.
[[nodiscard]] std::unique_ptr<Proposer> make_controller(const Space& space,
                                                        const ControllerSettings& settings, Key key);

}  // namespace astrolabe
