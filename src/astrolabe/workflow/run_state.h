// SPDX-License-Identifier: Apache-2.0
// What the steps of one run share. The steps are in run_preparation, run_judging and run_shipping; run.cpp is
// the recipe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/progress.h"
#include "astrolabe/base/random.h"
#include "astrolabe/base/thread_pool.h"
#include "astrolabe/report/run_result.h"
#include "astrolabe/workflow/old_rows.h"
#include "astrolabe/workflow/run_options.h"
#include "astrolabe/workflow/run_start.h"

namespace astrolabe {

struct Run {
  const RunOptions& options;
  Progress& progress;
  ThreadPool pool;
  Budget budget;
  Key key;
  RunResult result = {};
  DrawnRows drawn = {};                            // which rows it works with
  std::uint64_t fits_limit = DrawnRows::kNoLimit;  // memory that fits may go by
  std::optional<RunStart> start = {};              // of a run that goes on from a model
  std::optional<ShippedModel> teacher = {};
  std::optional<OldRows> old_rows = {};  // that were kept beside that model
};

// Adds notes to the result, each once.
void say_all(Run& run, const std::vector<std::string>& notes);
// What scoring, importance and the report need at the end; 0 without a deadline.
[[nodiscard]] double seconds_to_finish(const Budget& budget);
// With the memory that fits may go by; its time begins now.
[[nodiscard]] Budget budget_of_fits(const Run& run, const Budget& budget);
// The budget up to then, or all of it without a deadline.
[[nodiscard]] Budget budget_before_finish(const Budget& budget, double share = 1);

}  // namespace astrolabe
