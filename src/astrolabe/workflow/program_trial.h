// SPDX-License-Identifier: Apache-2.0
// One run of a stranger's program as a trial: its lines are the learning curve, the last one is the score.
//
//   const ProgramTrials trials{.program = program, .goal = {.name = "loss"}, .seconds = 60, .seed = 1,
//                              .logs = "runs/train/trials"};
//   setup.evaluate = [&](RunningTrial& trial) { return run_program_trial(trials, trial, budget); };
//
// A line with the goal's name is a step once the program goes on after it: another such line comes, or a
// second passes. So a program that prints one score is never pruned by it, and which lines are steps does not
// depend on how quickly they come, as long as it takes its leave within that second.
// Long curves are thinned: after the first 128 steps those whose numbers have at most seven binary digits
// before their zeros.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <string>

#include "astrolabe/base/budget.h"
#include "astrolabe/search/search_loop.h"
#include "astrolabe/workflow/program_template.h"

namespace astrolabe {

struct ProgramGoal {
  std::string name;  // "loss"
  bool higher_is_better = false;

  [[nodiscard]] double cost_of(double score) const { return higher_is_better ? -score : score; }
  [[nodiscard]] double score_of(double cost) const { return cost_of(cost); }
};

struct ProgramTrials {
  const ProgramTemplate& program;
  ProgramGoal goal;
  double seconds = std::numeric_limits<double>::infinity();  // of one trial
  std::uint64_t seed = 1;      // the same for every trial: they differ in their points alone
  std::filesystem::path logs;  // exists; gets <id>.log
  // Asked ten times a second while a trial runs; false: end it, it has no result.
  std::function<bool()> may_go_on = {};
};

// Runs the program at the trial's point, with ASTROLABE_TRIAL (its id) and ASTROLABE_SEED in its environment,
// and PYTHONUNBUFFERED=1 unless that is set, so that Python's lines come as they are printed.
//   complete  exit code 0 and a finite last score; the interval is the score itself
//   pruned    a step was not worth going on
//   failed    no score, nan or inf, another exit code, a signal, too long, not to be started: in the reason.
//             A nan ends the program at once; an inf is passed over as long as better ones may follow
//   nothing   the budget ended, or `may_go_on` said so, before it did
// The outcome is {"values":{"loss":0.31,"acc":0.9}}: the last value of each name, at most 64 names.
// Throws usage_error when the study's first trial cannot be started, and what the trial's store throws.
// Thread-safe for different trials.
[[nodiscard]] std::optional<TrialEnd> run_program_trial(const ProgramTrials& trials, RunningTrial& trial,
                                                        const Budget& budget);

// Whether step `index` of a learning curve is told.
[[nodiscard]] bool is_told_step(std::size_t index);

}  // namespace astrolabe
