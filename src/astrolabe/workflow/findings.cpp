// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/findings.h"

#include <algorithm>
#include <optional>

#include "astrolabe/base/error.h"
#include "astrolabe/workflow/system_difference.h"

namespace astrolabe {
namespace {

constexpr std::size_t kLookedAt = 1'000;  // best trials, in which every learner is looked for

Finding labelled(Finding finding) {
  if (finding.found.learner != finding.baseline.learner) return finding;
  const std::vector<std::string> shown = differing_settings(finding.found, finding.baseline);
  finding.found.label = label_of(finding.found, shown);
  finding.baseline.label = label_of(finding.baseline, shown);
  return finding;
}

}  // namespace

std::vector<Finding> findings_of(StudyStore& store, const SystemSpace& space, std::size_t most) {
  const std::vector<TrialRecord> best = store.best(kLookedAt);
  if (best.empty()) {
    throw nothing_fitted({.attempted = "looking for what the study has found",
                          .expected = "a trial that was completed",
                          .found = "none",
                          .remedy = "Go on with the run: astrolabe run --resume DIR --time +10m."});
  }
  std::vector<FilledSystem> leaders;           // the best of each learner
  std::optional<FilledSystem> runner_up = {};  // the best other one of the best learner
  for (const TrialRecord& record : best) {
    FilledSystem system = space.fill(parse_point(space.space(), record.what.point));
    const bool is_other = !leaders.empty() && system.learner == leaders[0].learner &&
                          !differing_settings(system, leaders[0]).empty();
    if (is_other && !runner_up) runner_up = system;
    if (std::ranges::find(leaders, system.learner, &FilledSystem::learner) == leaders.end())
      leaders.push_back(std::move(system));
  }
  const FilledSystem& found = leaders.front();
  const FilledSystem defaults = defaults_of(space, found.learner);
  const std::vector<std::string> changed = differing_settings(found, defaults);

  std::vector<Finding> findings;
  if (!changed.empty())
    findings.push_back({changed.size() == 1 ? changed.front() : "system", found, defaults});
  // The defaults lead: then they are what is found, against the next best.
  if (changed.empty() && runner_up) {
    const std::vector<std::string> differ = differing_settings(found, *runner_up);
    findings.push_back({differ.size() == 1 ? differ.front() : "system", found, *runner_up});
  }
  for (std::size_t i = 1; i < leaders.size(); ++i) findings.push_back({"learner", found, leaders[i]});
  if (changed.size() > 1)
    for (const std::string& setting : changed)
      findings.push_back({setting, found, with_setting_of(found, defaults, setting)});
  if (findings.size() > most) findings.resize(most);
  std::ranges::transform(findings, findings.begin(), labelled);
  return findings;
}

}  // namespace astrolabe
