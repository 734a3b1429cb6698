// SPDX-License-Identifier: Apache-2.0
// The trials of the kill tests: what comes out is a function of the trial's number, so that anybody can tell
// whether what the store holds is true.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "astrolabe/search/study_store.h"

namespace astrolabe {

inline NewTrial outcome_trial(std::uint64_t number) {
  return {.point = std::to_string(number), .key = "key " + std::to_string(number), .by = "counting"};
}
inline std::uint64_t outcome_number(const NewTrial& trial) {
  return std::stoull(trial.point);
}
inline std::vector<StepCost> outcome_steps(std::uint64_t number) {
  std::vector<StepCost> steps;
  for (std::size_t step = 0; step < number % 4; ++step) {
    const double cost = static_cast<double>(number) + static_cast<double>(step) / 8;
    steps.push_back({.step = step, .cost = cost, .low = cost - 1, .high = cost + 1});
  }
  return steps;
}
inline TrialEnd outcome_end(std::uint64_t number) {
  if (number % 7 == 0) return {.state = TrialState::failed, .reason = "seven"};
  return {.state = number % 5 == 0 ? TrialState::pruned : TrialState::complete,
          .cost = static_cast<double>(number * 7919 % 1000) / 8,
          .outcome = "of " + std::to_string(number)};
}

}  // namespace astrolabe
