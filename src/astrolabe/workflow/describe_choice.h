// SPDX-License-Identifier: Apache-2.0
// What the report draws of the choice: what ships is made of, how alike its members err, how the fits went.
//
//   result.ensemble = describe_ensemble(selection, labels, result.leaderboard);
//   result.fits = describe_fits(selection, result.leaderboard);
#pragma once

#include <span>
#include <vector>

#include "astrolabe/workflow/selection.h"

namespace astrolabe {

// Errors are truth - prediction, of classes for each class; at most about 200,000 of them are looked at.
[[nodiscard]] Ensemble describe_ensemble(const Selection& selection, const Labels& labels,
                                         std::span<const LeaderboardRow> leaderboard);
// Those of what ships, then of the best others of the leaderboard; at most 6 systems.
[[nodiscard]] std::vector<FitCurves> describe_fits(const Selection& selection,
                                                   std::span<const LeaderboardRow> leaderboard);

}  // namespace astrolabe
