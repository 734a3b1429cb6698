// SPDX-License-Identifier: Apache-2.0
// A trial as the search sees it: a point, how far it came, and its cost. Cost is what is minimised: the
// metric, negated where higher is better.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/search/space.h"

namespace astrolabe {

enum class TrialState : std::uint8_t {
  waiting,   // to be claimed by somebody
  running,   // claimed
  complete,  // has its cost
  pruned,    // stopped on purpose; its last step has a cost
  failed,    // no cost: crashed, ran out of time, printed no score, left the finite numbers
};
[[nodiscard]] std::string_view trial_state_name(TrialState state);  // "complete"
[[nodiscard]] std::optional<TrialState> find_trial_state(std::string_view name);

// A cost on the way. Steps count from 0 and mean the same effort in every trial of a study: "first fold",
// "all folds", "line 12".
struct StepCost {
  std::size_t step = 0;
  double cost = 0;           // finite
  double low = 0, high = 0;  // an interval around it; both equal to the cost when nobody knows

  friend bool operator==(const StepCost&, const StepCost&) = default;
};

// What a proposer learns of a trial that ended.
struct Observation {
  Point point;
  std::string by;                                         // the proposer that asked for it
  TrialState state = TrialState::complete;                // complete, pruned or failed
  double cost = std::numeric_limits<double>::infinity();  // pruned: at its last step; failed: infinity
  std::size_t steps = 0;                                  // how many steps it reported: more came further
};

// Complete before pruned before failed; among complete ones the lower cost, among pruned ones the one that
// came further, then the lower cost. A strict weak order.
[[nodiscard]] bool is_better(const Observation& a, const Observation& b);

}  // namespace astrolabe
