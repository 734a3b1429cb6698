// SPDX-License-Identifier: Apache-2.0
// What trials are worth to a policy that learns from them: ranks, whatever the costs are measured in.
//
//   rank_advantages(observations)     // {1, -1, 0}: the best, the worst, the one between
//
// Pure; thread-safe.
#pragma once

#include <cstddef>
#include <deque>
#include <span>
#include <vector>

#include "astrolabe/search/trial.h"

namespace astrolabe {

// Evenly from 1 (best) to -1 (worst); equal ones share the mean of their places. 0 of a single one.
// O(n log n).
[[nodiscard]] std::vector<double> rank_advantages(std::span<const Observation> seen);

// The share of the latest observations, up to kWindow, that are worse than one, equals counting half: a
// reward in [0, 1] that needs no scale. O(kWindow).
class RewardWindow {
 public:
  static constexpr std::size_t kWindow = 256;

  // Adds it and returns its reward among what was there before; 0.5 when nothing was.
  double add(const Observation& seen);

 private:
  std::deque<Observation> latest_;  // without their points
};

}  // namespace astrolabe
