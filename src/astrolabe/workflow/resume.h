// SPDX-License-Identifier: Apache-2.0
// Going on with a run: after ^C, a kill, a reboot, or simply for longer.
//
//   const ResumePlan plan = plan_resume({.folder = "runs/digits", .time = "+1h"});
//   if (plan.has_work) run(plan.options, progress, {});
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "astrolabe/workflow/run_options.h"

namespace astrolabe {

struct ResumeRequest {
  std::filesystem::path folder;
  std::string time = {};                   // "1h": in all; "+1h": from now; empty: what was left
  std::optional<std::size_t> trials = {};  // in all; absent: as before, unless a time is given
};

struct ResumePlan {
  RunOptions
      options;  // with the limits of this session; threads and memory are the caller's (but options.drawn)
  bool has_work = true;  // false: it had ended, and nothing new was asked
  std::string finding;   // "the study is finished: 40 trials, the limit it was given"
};

// Throws bad_input: a folder without a study, of another version; usage_error: a time that cannot be read.
[[nodiscard]] ResumePlan plan_resume(const ResumeRequest& request);

// The search of a run again, without a clock: its points in the order in which they ended, judged anew. Of a
// study of one worker, whose trials the clock did not cut, the same model comes out, byte for byte. Throws
// what plan_resume throws, and bad_input for a study in which no trial has ended.
[[nodiscard]] RunOptions plan_replay(const std::filesystem::path& folder);

}  // namespace astrolabe
