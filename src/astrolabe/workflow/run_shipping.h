// SPDX-License-Identifier: Apache-2.0
// The shipping steps of a run: from what was selected to the model that leaves, with its card.
#pragma once

#include "astrolabe/workflow/run_preparation.h"
#include "astrolabe/workflow/run_study.h"
#include "astrolabe/workflow/selection.h"

namespace astrolabe {

// The chosen fold models as they stand: what is saved while the search goes on.
[[nodiscard]] ShippedModel model_so_far(const Run& run, const Selection& selection);
// The model that is scored: fold models, or a refit under a time split; its probabilities calibrated.
[[nodiscard]] ShippedModel model_to_score(Run& run, const Prepared& prepared, const Selection& selection);
// The model that leaves: refitted on everything when --refit asks for it; scores and ranges on its card.
[[nodiscard]] ShippedModel model_to_ship(Run& run, const Sealing& sealing, const Prepared& prepared,
                                         const Selection& selection, const ShippedModel& scored,
                                         SealJournal& journal);

}  // namespace astrolabe
