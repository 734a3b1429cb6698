// SPDX-License-Identifier: Apache-2.0
// What ships. Usually the chosen fold models themselves: together they have seen every open row, their
// out-of-fold score is the one on the leaderboard, and no time can run out on them. A refit on all rows
// replaces them when rows are ordered in time (the past-only folds miss the newest rows) or when --refit asks
// for it.
#pragma once

#include <optional>
#include <vector>

#include "astrolabe/base/progress.h"
#include "astrolabe/workflow/selection.h"

namespace astrolabe {

struct RefitRequest {
  const Table& table;  // feature columns of the rows to fit on
  const Labels& labels;
  Key key;
  ThreadPool& pool;
  const Budget& budget;
  Progress& progress;
};
// One member per chosen candidate, with the settings its folds found; one that grew grows again, from its
// parent on the same rows. Nothing when the budget ended before
// all were fitted: the caller keeps the fold models.
[[nodiscard]] std::optional<std::vector<Member>> refit_members(const Selection& selection,
                                                               const RefitRequest& request);

// How long that would take, judged by the folds.
[[nodiscard]] double refit_seconds(const Selection& selection);

}  // namespace astrolabe
