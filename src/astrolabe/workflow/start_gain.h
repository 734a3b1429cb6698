// SPDX-License-Identifier: Apache-2.0
// What going on from a model was worth: the proof that nothing was lost before the first step, and the score
// against the same system from nothing.
//
//   record_start(run, prepared, selection);     // run.result.start
#pragma once

#include <optional>

#include "astrolabe/workflow/run_preparation.h"
#include "astrolabe/workflow/selection.h"

namespace astrolabe {

// Does nothing in a run that began with nothing.
void record_start(Run& run, const Prepared& prepared, const Selection& selection);

// How many of the epochs from nothing fits took that went on, until their lowest watched losses so far were,
// on average over the folds, as low as the lowest of those from nothing. Folds are fitted side by side: a
// fold that ended counts with its lowest. Nothing where they never were, or nothing was watched.
[[nodiscard]] std::optional<double> share_of_epochs(const CrossValidation& went_on,
                                                    const CrossValidation& from_nothing);

// Epochs of all fits of all folds: of those that watched and of those on all rows behind them. 0: they are no
// nets. Curves leave out some epochs of long trainings, by 3 % at most.
[[nodiscard]] std::uint64_t epochs_of(const CrossValidation& tried);

// The better of two systems by the rows that both judged: how much better the first one is, positive for
// better, whatever the metric's direction. Paired.
[[nodiscard]] Estimate advantage(const CrossValidation& one, const CrossValidation& other,
                                 const Labels& labels, const Metric& metric, Key key);

}  // namespace astrolabe
