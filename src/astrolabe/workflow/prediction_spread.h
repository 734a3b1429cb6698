// SPDX-License-Identifier: Apache-2.0
// Ranges around regression values that are wide where the model is unsure: small trees learn from the rows
// how large the out-of-fold residuals are, and the ends of a range count in units of what they say.
//
//   const Spread spread = fit_spread(selection, request);
//   ShippedModel model(card, members_of(selection), spread.members);     // none: one width for all rows
//   std::vector<double> units = in_units(residuals, spread.out_of_fold);
//   ResidualRange range = residual_range(units, 0.9);
//
// Each residual comes from a model that did not see its row, and each spread from one that did not see its
// residual, so the units of all rows (1 on average) are alike, as those of a new row: the cross-validation
// form (CV+) of conformal prediction with normalised residuals (Lei et al., JASA 2018, section 5.2; Barber et
// al., "Predictive inference with the jackknife+", Annals of Statistics 2021).
#pragma once

#include <span>
#include <vector>

#include "astrolabe/workflow/out_of_fold.h"
#include "astrolabe/workflow/rehearsal.h"

namespace astrolabe {

struct Spread {
  std::vector<Member> members;      // trees of each fold, for the size of a residual; none: all rows alike
  std::vector<double> out_of_fold;  // [rows of the selection], positive; none: as above
};

// Of a regression that is no ranking and whose selection judged every row of the table; otherwise none, nor
// where they do not surely help out of fold (are_ranges_better), nor without the time. Costs a fraction of a
// trial of trees.
[[nodiscard]] Spread fit_spread(const Selection& selection, const RehearsalRequest& request);

// Residuals, each by its row's spread; without spreads as they are.
[[nodiscard]] std::vector<double> in_units(std::span<const double> residuals,
                                           std::span<const double> spreads);

// truth - prediction
[[nodiscard]] std::vector<double> residuals_of(const JudgedRows& judged);

}  // namespace astrolabe
