// SPDX-License-Identifier: Apache-2.0
// Why a whole system is good: the path from the defaults to it, and what more rows or trials would bring.
#pragma once

#include "astrolabe/report/explain_result.h"
#include "astrolabe/search/trial.h"
#include "astrolabe/workflow/trained_changes.h"

namespace astrolabe {

// Fills whole and path: from the defaults on, the setting that gains most at a glance goes in next, and is
// then measured on other seeds, so that having been chosen flatters no step (Fawcett and Hoos, "Analysing
// differences between algorithm configurations through ablation", Journal of Heuristics 2016). Settings as
// they are: a rate that is one of them is a step too. What there is no time for goes in at once, or is left
// out and named.
void follow_path(TrainedChanges& trained, const FilledSystem& defaults, const FilledSystem& found,
                 ExplainResult& result);

// Scores of the system at shares of the open rows; nothing: no time for three shares, or too few rows.
[[nodiscard]] std::optional<SpentCurve> curve_over_rows(TrainedChanges& trained, const FilledSystem& system,
                                                        std::size_t seeds, bool higher_is_better, Key key);

// The best of so many trials, from those of a study as if they had come in any order; nothing below 20
// complete ones.
[[nodiscard]] std::optional<SpentCurve> curve_over_trials(const SearchResult& search, Key key);

}  // namespace astrolabe
