// SPDX-License-Identifier: Apache-2.0
// One candidate over shared folds: out-of-fold predictions, a score per fold, and what it would take to
// refit.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "astrolabe/data/split.h"
#include "astrolabe/evaluate/candidate.h"
#include "astrolabe/stats/interval.h"

namespace astrolabe {

struct CrossValidation {
  Candidate candidate;
  std::vector<RowIndex> rows;           // rows judged so far, ascending
  std::vector<double> out_of_fold;      // [rows.size() * outputs], aligned with `rows`
  std::vector<double> fold_scores;      // of the folds that ended
  std::vector<SettingValues> found;     // settings_found() of each ended fold
  std::vector<FittedCandidate> fitted;  // of each ended fold
  double seconds = 0;
  bool complete = false;  // all folds ended and none was cut short
};

struct CrossValidationRequest {
  const Table& table;
  const Labels& labels;
  const Task& task;
  std::span<const Fold> folds;
  Key key;
  ThreadPool& pool;
  const Budget& budget;
  std::function<void(std::size_t fold, double fraction)> progress = {};
};
// Early stopping watches a part of the fold's own training rows (15 %, at most 20,000 rows; the latest under
// a time split, whole groups under a group split), never the judged rows, so out-of-fold scores are honest.
// Stops between folds when the budget ends; never throws for that. `complete` tells.
[[nodiscard]] CrossValidation cross_validate(const Candidate& candidate,
                                             const CrossValidationRequest& request);

// The settings for a refit on all rows: numbers are averaged over folds, scaled where the learner grows with
// rows.
[[nodiscard]] SettingValues settings_for_refit(const CrossValidation& validation);

}  // namespace astrolabe
