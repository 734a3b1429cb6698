// SPDX-License-Identifier: Apache-2.0
// From scores to verdicts.
//
//   BenchScores scores(plan, seeds);
//   scores.set(row, outcome);                        // in any order
//   judge_bench(plan, question, scores, key, result);   // comparisons, slots, left out tasks
//
// A score becomes a share of a gain: what it gains on a constant, over the mean gain of the best system in
// that host on that task. A system that does worse than a constant, or leaves the finite numbers, counts as
// one. A task on which the gain of every system is smaller than it varies from seed to seed is left out, and
// listed. The seeds of a comparison are those that all of its systems have. Its interval is that of the mean
// over tasks (evidence/stratified.h) at 1 - alpha / m for m comparisons (Bonferroni), so that one wrong claim
// among all has a chance of at most alpha. The marks of single tasks hold the false discovery rate
// (Benjamini & Hochberg 1995).
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/report/bench_result.h"
#include "astrolabe/workflow/bench_options.h"
#include "astrolabe/workflow/bench_plan.h"
#include "astrolabe/workflow/bench_rows.h"

namespace astrolabe {

class BenchScores {
 public:
  BenchScores(const BenchPlan& plan, std::size_t seeds);
  void set(const BenchRow& row, BenchOutcome outcome);
  // Null where there is none.
  [[nodiscard]] const BenchOutcome* at(std::size_t task, std::size_t system, std::size_t seed) const;
  // What is gained on a constant, at least 0; nothing where there is no outcome.
  [[nodiscard]] std::optional<double> gain(std::size_t task, std::size_t system, std::size_t seed) const;
  // The largest mean gain in a host, of systems whose gain exceeds its deviation over seeds; nothing: none.
  [[nodiscard]] std::optional<double> scale(std::size_t task, std::size_t host) const;
  [[nodiscard]] std::size_t seeds() const { return seeds_; }

 private:
  const BenchPlan& plan_;
  std::size_t seeds_;
  std::vector<std::optional<BenchOutcome>> outcomes_;  // [tasks, systems, seeds]
};

void judge_bench(const BenchPlan& plan, const BenchQuestion& question, const BenchScores& scores, Key key,
                 BenchResult& result);

}  // namespace astrolabe
