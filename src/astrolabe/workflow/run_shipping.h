// SPDX-License-Identifier: Apache-2.0
// The shipping steps of a run: from what was selected to the model that leaves, with its card.
#pragma once

#include "astrolabe/workflow/run_preparation.h"
#include "astrolabe/workflow/run_study.h"
#include "astrolabe/workflow/selection.h"

namespace astrolabe {

// Under --stack on: a second level over the chosen systems where it surely helps (stacking.h). What came of
// it is said, and noted in the result; a stack that did not hold is warned of.
void stack_where_better(Run& run, const Sealing& sealing, const Prepared& prepared, Selection& selection);
// The chosen fold models as they stand: what is saved while the search goes on.
[[nodiscard]] ShippedModel model_so_far(const Run& run, const Selection& selection);
// The model that is scored: fold models, or a refit under a time split; its probabilities calibrated, or
// its ranges set by out-of-fold residuals.
[[nodiscard]] ShippedModel model_to_score(Run& run, const Prepared& prepared, const Selection& selection);
// The model that leaves: refitted on everything when --refit asks for it; scores and ranges on its card. The
// ends of the ranges are those that `unseen` asks for, residuals of rows that no member saw in units of their
// spread, where there are enough of them; nothing else depends on it.
[[nodiscard]] ShippedModel model_to_ship(Run& run, const Sealing& sealing, const Prepared& prepared,
                                         const Selection& selection, const ShippedModel& scored,
                                         std::span<const double> unseen, SealJournal& journal);

}  // namespace astrolabe
