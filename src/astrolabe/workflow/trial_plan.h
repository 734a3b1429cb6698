// SPDX-License-Identifier: Apache-2.0
// What a trial of a run is: its system, how it is fitted, under which name people see it, and what it grows
// from.
//
//   TrialPlan plan = plan_trial(request, request.space.fill(trial.point()), trial.id());
//   cross_validate(plan.candidate, {...});
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "astrolabe/evaluate/cross_validation.h"
#include "astrolabe/system/system_space.h"
#include "astrolabe/workflow/warm_start.h"

namespace astrolabe {

struct SystemSearchRequest;

struct TrialPlan {
  FilledSystem system;
  Candidate candidate;
  std::optional<std::uint64_t> grown_from = {};  // the trial
  std::optional<GrowthPlan> growth = {};
  std::string why_not = {};  // it does not grow although it could
};

// Of one that grows from nothing but what the request begins with. Equal systems of equal trials are equal
// candidates, in every session. `trial` 0: none of the study's.
[[nodiscard]] TrialPlan plan_trial(const SystemSearchRequest& request, FilledSystem system,
                                   std::uint64_t trial);

}  // namespace astrolabe
