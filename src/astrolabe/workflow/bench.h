// SPDX-License-Identifier: Apache-2.0
// The universal benchmark: any part of any slot, in any host, on many tasks, with equal budgets and
// intervals.
//
//   BenchOptions options{.suite = "small"};
//   options.question = read_bench_suite(options.suite);
//   options.question.slots = {{"activation", {"relu", "silu"}}};
//   const BenchResult result = run_bench(options, progress);
//   result.comparisons[0].verdict                  // silu against relu: better, worse, tie or undecided
//
// Every row (a system on a task with a seed) is named by a hash of what decides it and kept in a study, so
// that a benchmark can be killed, gone on with, and worked on by several processes. Numbers depend on the
// question and the seed alone, whoever computed them in which order. Leaves bench.json and bench.html in its
// folder.
#pragma once

#include "astrolabe/base/progress.h"
#include "astrolabe/report/bench_result.h"
#include "astrolabe/workflow/bench_options.h"

namespace astrolabe {

// Throws what plan_bench, folder_of_bench and begin_bench throw. When time ends it, what is whole is reported
// and the notes say how to go on.
[[nodiscard]] BenchResult run_bench(const BenchOptions& options, Progress& progress);

}  // namespace astrolabe
