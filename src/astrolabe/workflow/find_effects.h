// SPDX-License-Identifier: Apache-2.0
// How each column moves the scores of the model that a run selected, on a sample of its open rows.
//
//   run.result.effects = find_effects(run, prepared.data.features, scored);
#pragma once

#include <optional>

#include "astrolabe/pipeline/shipped_model.h"
#include "astrolabe/report/column_effects.h"
#include "astrolabe/workflow/run_state.h"

namespace astrolabe {

// At most 500 rows, fewer when a fifth of the time that is left has gone. Nothing when a member cannot tell
// (contributions.h), no row was done in time, or the table has more than 2,000 columns.
[[nodiscard]] std::optional<ColumnEffects> find_effects(Run& run, const Table& features,
                                                        const ShippedModel& model);

}  // namespace astrolabe
