// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/trial_plan.h"

#include <utility>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/pipeline/catalog.h"
#include "astrolabe/workflow/system_search.h"

namespace astrolabe {
namespace {

Candidate candidate_of(const SystemSearchRequest& request, const FilledSystem& system, std::uint64_t trial) {
  Candidate candidate{
      .learner = find_learner(system.learner), .settings = system.settings, .name = system.label};
  ASTROLABE_CHECK(candidate.learner != nullptr, "a space names learners of the catalogue");
  candidate.settings.merge(settings_for_metric(*candidate.learner, request.task.metric));
  if (request.from != nullptr) {
    candidate.from = request.from->of_learner(system.learner);
    candidate.transfer = candidate.from == nullptr ? nullptr : request.from->transfer_of(system.learner);
  }
  candidate.taught = request.taught;
  // Growing nets differ by this alone.
  if (request.keeps_one)
    if (const auto net = system.settings.find("architecture"); net != system.settings.end())
      candidate.name = fmt::format("{} {}", system.learner, format_setting(net->second));
  // The first of each learner stands for it; names are unique, so others carry their number.
  // A long formula is cut; a long list of tuned settings says nothing at a glance.
  constexpr std::size_t kLongName = 48;
  const bool is_long = candidate.name.size() > kLongName;
  if (is_long && system.nodes == 0) candidate.name = system.learner;
  if (is_long && system.nodes > 0) candidate.name.replace(kLongName - 3, std::string::npos, "...");
  if (trial > request.space.learner_count()) candidate.name += fmt::format(" #{}", trial);
  return candidate;
}

}  // namespace

TrialPlan plan_trial(const SystemSearchRequest& request, FilledSystem system, std::uint64_t trial) {
  Candidate candidate = candidate_of(request, system, trial);
  return {.system = std::move(system), .candidate = std::move(candidate)};
}

}  // namespace astrolabe
