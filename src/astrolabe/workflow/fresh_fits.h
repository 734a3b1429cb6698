// SPDX-License-Identifier: Apache-2.0
// Systems trained again and again with fresh seeds, each time on another part of the open rows, and what they
// predict of sealed rows.
//
//   FreshFits fits({.open = data, .rule = rule, .task = task}, key, pool, budget, progress);
//   const std::size_t ours = fits.add(system);                    // equal systems share their fits
//   fits.tune(3);                                                 // the same tries for each
//   fits.judge_on(sealed.open(opening), key.split(opening.number()));
//   const std::vector<double>* p = fits.predict(ours, seed);      // null: no time left
//
//   fits.score_open(ours, seed);                                  // with no sealed row at all
//
// A fit draws four fifths of the open rows by the split rule; a learner that stops early watches the rest.
// The draw depends on the seed alone, so that two systems see the same rows. Not thread-safe.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "astrolabe/base/progress.h"
#include "astrolabe/evaluate/candidate.h"
#include "astrolabe/system/system_space.h"
#include "astrolabe/workflow/sealing.h"

namespace astrolabe {

struct FreshRows {
  const OpenData& open;
  SplitRule rule;  // of the open rows
  const Task& task;
};

class FreshFits {
 public:
  FreshFits(const FreshRows& rows, Key key, ThreadPool& pool, const Budget& budget, Progress& progress);

  // The number of the system, from 0.
  std::size_t add(const FilledSystem& system);
  // The baseline of all (learners/baseline): a constant.
  std::size_t add_floor();
  // Of each system the best of `tries` learning rates: its own, half of it, twice it, a quarter, four times;
  // on open rows, judged by rows of them that it was not fitted on. False: no time. A learner without a
  // learning rate has nothing to tune.
  [[nodiscard]] bool tune(std::size_t tries);
  // The same of one system; does nothing the second time.
  [[nodiscard]] bool tune_one(std::size_t system, std::size_t tries);
  // From now on predict is about these rows, by seeds of that key; features are among the table's columns. It
  // has to outlive this.
  void judge_on(const Table& table, Key seeds);
  // [rows * outputs]; null when there is no time to fit it. Valid until another seed is asked for.
  [[nodiscard]] const std::vector<double>* predict(std::size_t system, std::size_t seed);
  // The fit itself, of that seed; nothing: no time. Pays for it each time.
  [[nodiscard]] std::optional<FittedCandidate> train(std::size_t system, std::size_t seed);
  // Judged on a quarter of the open rows, drawn with the seed, after a fit on that share of the others (which
  // a learner that stops early watches a part of): the metric, with the sign that makes more better. Nothing:
  // no time. Remembered.
  [[nodiscard]] std::optional<double> score_open(std::size_t system, std::size_t seed, double share = 1);
  // Rows that score_open judges on for each that it fits on.
  static constexpr double kJudgedForEachFitted = 1.0 / 3;
  // The rows of such a fit, about; of all shares.
  [[nodiscard]] std::size_t fitted_rows(double share = 1) const;
  // As tuned: "learning_rate=0.002, activation=silu"; empty: defaults.
  [[nodiscard]] std::string settings(std::size_t system) const;

 private:
  struct System {
    FilledSystem filled;
    Candidate candidate;
    std::optional<std::vector<double>> predicted = {};  // with seed_
    bool is_tuned = false;
    std::map<std::pair<std::size_t, double>, double> open_scores = {};  // by seed and share
  };
  // Nothing: no time.
  [[nodiscard]] std::optional<FittedCandidate> fit(const Candidate& candidate, const Holdout& parts, Key key);
  [[nodiscard]] std::optional<double> judge(const Candidate& candidate);

  FreshRows rows_;
  Key key_, seeds_;
  ThreadPool& pool_;
  const Budget& budget_;
  Progress& progress_;
  const Table* judged_table_ = nullptr;
  std::vector<RowIndex> judged_;
  std::vector<System> systems_;
  std::size_t seed_ = 0;
};

}  // namespace astrolabe
