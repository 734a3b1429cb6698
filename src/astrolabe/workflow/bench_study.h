// SPDX-License-Identifier: Apache-2.0
// The study of a benchmark: what is compared, as its head, and every row as a trial. In bench.db of the
// folder, or on a server; several processes may work on one.
//
//   const BenchFolder where = folder_of_bench(options);      // makes it, or finds the one to go on with
//   StudyStore store = begin_bench(where.study, options, plan, rows);
#pragma once

#include <filesystem>
#include <span>

#include "astrolabe/search/study_store.h"
#include "astrolabe/workflow/bench_options.h"
#include "astrolabe/workflow/bench_plan.h"
#include "astrolabe/workflow/bench_rows.h"

namespace astrolabe {

struct BenchFolder {
  std::filesystem::path folder, cache;
  StudyAddress study;
};

// A new folder, runs/bench-<suite>, then -2, -3; a told one that exists is a usage_error. With `resume` the
// told one, or the newest of those; a new one where there is none.
[[nodiscard]] BenchFolder folder_of_bench(const BenchOptions& options);

// Begins it, or goes on where the same is asked; then all rows wait or have ended. Throws bad_input where
// another thing is asked, or with other data.
[[nodiscard]] StudyStore begin_bench(const StudyAddress& address, const BenchOptions& options,
                                     const BenchPlan& plan, std::span<const BenchRow> rows);

}  // namespace astrolabe
