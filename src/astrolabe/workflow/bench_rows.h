// SPDX-License-Identifier: Apache-2.0
// The rows of a benchmark: one system on one task with one seed, named by a hash of all that decides what
// comes out.
//
//   for (const BenchRow& row : rows_of(plan, seeds, seed)) ...             // all of seed 0 first
//   const std::optional<BenchOutcome> outcome = evaluate(plan, row, {...}); // nothing: no time
//
// Predictions of the judged rows stay in a file of that hash, so that another benchmark with the same row
// (more parts, more seeds) reads them instead of fitting.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/progress.h"
#include "astrolabe/base/random.h"
#include "astrolabe/base/thread_pool.h"
#include "astrolabe/workflow/bench_plan.h"

namespace astrolabe {

struct BenchRow {
  std::size_t task = 0, system = 0, seed = 0;
  std::string identity;  // JSON: task and its hash, system, seeds, tuning, version
};

// Seed by seed, so that a benchmark that ends early has whole seeds. Only what some contrast asks for.
[[nodiscard]] std::vector<BenchRow> rows_of(const BenchPlan& plan, std::size_t seeds, std::uint64_t seed);

struct BenchOutcome {
  double score = 0, floor = 0;  // metric of the system and of a constant; NaN: undefined
  double seconds = 0;           // processor time of the fit after tuning
  double bytes = 0;             // of the model
  std::string settings = {};    // as tuned
  bool was_cached = false;
};
[[nodiscard]] std::string outcome_json(const BenchOutcome& outcome);
// Nothing for text that is none.
[[nodiscard]] std::optional<BenchOutcome> parse_outcome(const std::string& text);

struct BenchEvaluation {
  std::filesystem::path cache;  // a folder that exists
  Key key;                      // of the benchmark
  ThreadPool& pool;             // one thread: rows run side by side
  const Budget& budget;
};
// Throws what fitting throws: then the row has failed.
[[nodiscard]] std::optional<BenchOutcome> evaluate(const BenchPlan& plan, const BenchRow& row,
                                                   const BenchEvaluation& how);

}  // namespace astrolabe
