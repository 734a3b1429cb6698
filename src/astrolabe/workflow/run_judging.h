// SPDX-License-Identifier: Apache-2.0
// The judging steps of a run: what was selected, the score that counts, what the model relies on.
#pragma once

#include <vector>

#include "astrolabe/pipeline/shipped_model.h"
#include "astrolabe/workflow/run_preparation.h"
#include "astrolabe/workflow/run_study.h"
#include "astrolabe/workflow/selection.h"

namespace astrolabe {

// The leaderboard into the result.
void record_selection(Run& run, const Selection& selection, const Prepared& prepared);
// The score on sealed rows (opened here, once), or by resampling where nothing could be sealed; absent, with
// a warning, when there was no time or no way.
// Returns the residuals of the sealed rows of a regression, in units of their spread: rows that no member
// saw.
[[nodiscard]] std::vector<double> judge_honestly(Run& run, const Sealing& sealing, const Prepared& prepared,
                                                 const ShippedModel& model, SealJournal& journal);
// By shuffling, on rows that the models of the first fold did not train on.
[[nodiscard]] std::vector<ColumnImportance> importance_by_shuffling(Run& run, const Prepared& prepared,
                                                                    const Selection& selection);

}  // namespace astrolabe
