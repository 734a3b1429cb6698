// SPDX-License-Identifier: Apache-2.0
// The main job: a table in, an honest model out.
//
//   RunResult result = run({.data = "adult.data.gz", .target = "15", .seconds = 60}, *progress, {});
#pragma once

#include <functional>

#include "astrolabe/base/progress.h"
#include "astrolabe/report/run_result.h"
#include "astrolabe/workflow/run_options.h"

namespace astrolabe {

struct RunHooks {
  // When the table is understood and nothing is fitted yet: the moment to show it.
  std::function<void(const RunResult&)> on_data = {};
};

// Writes model.astro, report.html, result.json, leaderboard.csv and study.db into the run's folder. Throws
// before the folder exists when the input is at fault. Ends within the time limit, never without a model once
// the data is read; after a signal it ends with the best so far and `was_interrupted`.
[[nodiscard]] RunResult run(const RunOptions& options, Progress& progress, const RunHooks& hooks);

// runs/<data name>, then -2, -3: the first that does not exist. A told folder that exists is a usage_error.
[[nodiscard]] std::filesystem::path choose_folder(const RunOptions& options);

}  // namespace astrolabe
