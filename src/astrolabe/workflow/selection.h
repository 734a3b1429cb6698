// SPDX-License-Identifier: Apache-2.0
// Choosing a system: candidates over shared folds, within a budget; the best wins, or a simple mean if that
// wins out of fold. Never without a result: the baseline comes first and costs next to nothing.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/base/progress.h"
#include "astrolabe/evaluate/cross_validation.h"
#include "astrolabe/pipeline/shipped_model.h"
#include "astrolabe/report/run_result.h"
#include "astrolabe/workflow/run_options.h"

namespace astrolabe {

struct Selection {
  std::vector<CrossValidation> tried;  // in the order they ran; each has at least one fold
  std::vector<std::size_t> chosen;     // into `tried`: one, or the members of a mean
  std::string system;                  // "trees", "mean of trees and linear"
  // Out of fold, of the chosen: rows, and [rows * outputs] predictions.
  std::vector<RowIndex> rows;
  std::vector<double> out_of_fold;
};

struct SelectionRequest {
  const Table& table;  // feature columns
  const Labels& labels;
  const Task& task;
  std::span<const Fold> folds;
  std::span<const Candidate> candidates;  // in order; the first is the baseline
  std::size_t variants_from;              // candidates from here on run only when time is left for one more
  Key key;
  ThreadPool& pool;
  const Budget& budget;
  Progress& progress;
  std::function<void(const Selection&)> on_better = {};  // after each candidate that became the choice
};
// Throws nothing_fitted only when not even the baseline could be fitted.
[[nodiscard]] Selection select_system(const SelectionRequest& request);

// The candidates that the options ask for: baseline, learners, then variants (`variants_from` is where these
// begin). They minimise what suits the task's metric, unless told otherwise.
struct CandidateList {
  std::vector<Candidate> candidates;
  std::size_t variants_from = 0;
};
[[nodiscard]] CandidateList list_candidates(const RunOptions& options, const std::string& metric);

// The chosen fold models as members, each with the same weight.
[[nodiscard]] std::vector<Member> members_of(const Selection& selection);

// Leaderboard rows, best first, with intervals, differences to the best, and ties (Holm-adjusted).
[[nodiscard]] std::vector<LeaderboardRow> make_leaderboard(const Selection& selection, const Labels& labels,
                                                           const Task& task, std::size_t folds, Key key);

}  // namespace astrolabe
