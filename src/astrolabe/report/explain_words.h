// SPDX-License-Identifier: Apache-2.0
// What was found out in an explanation, in sentences, for the page and the terminal alike.
#pragma once

#include <string>

#include "astrolabe/report/explain_result.h"

namespace astrolabe {

// "worse", "better", "no clear difference": by whether the interval of the gain holds 0.
[[nodiscard]] std::string gain_verdict(const Estimate& gain);
// "AUC 0.91 to 0.93, +0.02 [+0.01, +0.03], 5 pairs".
[[nodiscard]] std::string change_words(const ExplainResult& result, const TrainedChange& change);
// "activation: relu to silu" and what it did.
[[nodiscard]] std::string step_words(const ExplainResult& result, const TrainedChange& step);
[[nodiscard]] std::string knock_out_words(const ExplainResult& result, const TrainedChange& change);
[[nodiscard]] std::string knock_in_words(const ExplainResult& result, const TrainedChange& change);
// "Twice the rows would gain 0.004 [0.001, 0.007] of AUC", or that it would not.
[[nodiscard]] std::string forecast_words(const ExplainResult& result, const SpentCurve& spent,
                                         const Forecast& forecast);
// The one sentence that the whole page says.
[[nodiscard]] std::string headline(const ExplainResult& result);

}  // namespace astrolabe
