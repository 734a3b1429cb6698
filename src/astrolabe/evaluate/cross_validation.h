// SPDX-License-Identifier: Apache-2.0
// One candidate over shared folds: out-of-fold predictions, a score per fold, and what it would take to
// refit.
//
//   CrossValidation tried = cross_validate(candidate, {.table = features, .labels = labels, .task = task,
//                                                      .folds = folds, .key = key.split(candidate.name),
//                                                      .pool = pool, .budget = budget});
//   Estimate mean = corrected_resampled_t(tried.fold_scores, 1.0 / (folds.size() - 1.0));
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "astrolabe/data/split.h"
#include "astrolabe/evaluate/candidate.h"
#include "astrolabe/model/fit_curve.h"
#include "astrolabe/stats/interval.h"

namespace astrolabe {

struct CrossValidation {
  Candidate candidate;
  std::shared_ptr<const CrossValidation> parent;  // whose fits the folds began with; null: with nothing
  std::vector<RowIndex> rows;                     // rows judged so far, ascending
  std::vector<double> out_of_fold;                // [rows.size() * outputs], aligned with `rows`
  std::vector<double> fold_scores;                // of the folds that ended
  std::vector<SettingValues> found;     // settings_found() of each ended fold, and the settings of its start
  std::vector<FittedCandidate> fitted;  // of each ended fold
  double seconds = 0;
  bool complete = false;              // all folds ended and none was cut short
  bool settled = true;                // no fold was left with its watched fit for want of time
  std::vector<FitCurve> curves = {};  // of each ended fold: of the fit that watched rows, where one did
};

// A model that a fold begins with.
struct FoldStart {
  std::shared_ptr<const Model> model;  // fitted on training rows of this fold
  SettingValues settings;              // over the candidate's own; they say how long
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
  // What the learner tells of its fit; empty words where a fit begins.
  std::function<void(std::size_t fold, std::string_view words)> tell = {};
  // After the first `stage` folds, of those that ended so far: false ends it there, incomplete. 0: not asked.
  std::size_t stage = 0;
  std::function<bool(const CrossValidation& so_far)> after_stage = {};
  std::span<const FoldStart> starts = {};  // one for each fold, or none
};
// Encoder and model of a fold see its training rows only. A learner that stops early fits twice: first
// without the fold's `watch` rows (a part of its own training rows, split.h), which neither it nor its
// encoder is fitted on and which say when to stop; then on all training rows with the settings that this
// found. The first fit stands when it was cut short or diverged, or when less than 1.5 times what it took is
// left. All other learners fit once, and so does a fold with a start: on all training rows, watching none. So
// the judged rows decide nothing, and out-of-fold scores are honest.
// Under a deadline each fold gets an equal part of what is left. Ends between folds when the budget does, and
// with a fold that was cancelled; throws for neither: `complete` tells. Other errors of a learner are passed
// on. A fold whose score is undefined (AUC with one class) has NaN. Folds run one after the other, each on
// the whole pool; those of a learner that prefers one thread side by side, one on each thread, as far as the
// budget has memory for that (progress and words are still told one at a time, and from one fold of those).
// Without a deadline results do not depend on the number of threads.
[[nodiscard]] CrossValidation cross_validate(const Candidate& candidate,
                                             const CrossValidationRequest& request);

// The settings for a refit on all rows without watching: the candidate's own, and over them what the folds
// found. Numbers are averaged over the folds (whole numbers rounded, rounds not scaled by rows); of bools and
// texts the most frequent wins, the first in order among equals.
[[nodiscard]] SettingValues settings_for_refit(const CrossValidation& validation);

}  // namespace astrolabe
