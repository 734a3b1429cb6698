// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/trial.h"

#include <array>

namespace astrolabe {
namespace {

constexpr std::array<std::string_view, 5> kStates = {"waiting", "running", "complete", "pruned", "failed"};

}  // namespace

std::string_view trial_state_name(TrialState state) {
  return kStates[static_cast<std::size_t>(state)];
}

std::optional<TrialState> find_trial_state(std::string_view name) {
  for (std::size_t i = 0; i < kStates.size(); ++i)
    if (kStates[i] == name) return static_cast<TrialState>(i);
  return std::nullopt;
}

bool is_better(const Observation& a, const Observation& b) {
  if (a.state != b.state) return a.state < b.state;
  if (a.state == TrialState::pruned && a.steps != b.steps) return a.steps > b.steps;
  return a.cost < b.cost;
}

}  // namespace astrolabe
