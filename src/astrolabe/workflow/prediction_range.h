// SPDX-License-Identifier: Apache-2.0
// The range around a prediction that what ships promises.
//
//   const Spread spread = fit_spread(selection, request);                        // prediction_spread.h
//   card.range = prediction_range(selection, labels, spread.out_of_fold);
#pragma once

#include <optional>
#include <span>

#include "astrolabe/workflow/selection.h"

namespace astrolabe {

inline constexpr double kRangeCoverage = 0.9;

// From the out-of-fold residuals of what was chosen (residual_range.h), in units of the spreads where there
// are any: 90 % of them lie within. Nothing for classes, nor for a ranking, whose scores only order.
[[nodiscard]] std::optional<PredictionRange> prediction_range(const Selection& selection,
                                                              const Labels& labels,
                                                              std::span<const double> spreads = {});
// The same from any residuals, already in units. Nothing from none, nor where an end is not finite.
[[nodiscard]] std::optional<PredictionRange> prediction_range(std::span<const double> residuals);

}  // namespace astrolabe
