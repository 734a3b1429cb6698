// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/prediction_range.h"

#include <cmath>

#include "astrolabe/evaluate/residual_range.h"
#include "astrolabe/workflow/prediction_spread.h"

namespace astrolabe {

std::optional<PredictionRange> prediction_range(std::span<const double> residuals) {
  if (residuals.empty()) return std::nullopt;
  const ResidualRange range = residual_range(residuals, kRangeCoverage);
  if (!std::isfinite(range.low) || !std::isfinite(range.high)) return std::nullopt;
  return PredictionRange{.low = range.low, .high = range.high, .coverage = kRangeCoverage};
}

std::optional<PredictionRange> prediction_range(const Selection& selection, const Labels& labels,
                                                std::span<const double> spreads) {
  if (labels.kind != TaskKind::regression || !labels.groups.empty()) return std::nullopt;
  return prediction_range(
      in_units(residuals_of(judge(selection.rows, selection.out_of_fold, labels)), spreads));
}

}  // namespace astrolabe
