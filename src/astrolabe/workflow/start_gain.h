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

// How many of the epochs from nothing a fit took that went on, until its watched loss was as low as the
// other's lowest: over the folds where both watched the same rows. Nothing where it never was, or nothing was
// watched.
[[nodiscard]] std::optional<double> share_of_epochs(const CrossValidation& went_on,
                                                    const CrossValidation& from_nothing);

// The better of two systems by the rows that both judged: how much better the first one is, positive for
// better, whatever the metric's direction. Paired.
[[nodiscard]] Estimate advantage(const CrossValidation& one, const CrossValidation& other,
                                 const Labels& labels, const Metric& metric, Key key);

}  // namespace astrolabe
