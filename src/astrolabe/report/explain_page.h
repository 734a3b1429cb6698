// SPDX-License-Identifier: Apache-2.0
// An explanation for people and programs: the page, explain.json, the terminal. Every sentence has its number
// beside it.
#pragma once

#include <string>

#include "astrolabe/report/explain_result.h"
#include "astrolabe/report/terminal_text.h"

namespace astrolabe {

[[nodiscard]] std::string explain_html(const ExplainResult& result);
// Its findings as sections of the run's own report (page.h, with_chapter).
[[nodiscard]] std::string explain_chapter(const ExplainResult& result);
// JSON: system, baseline, whole and path[].{what, instead, text, before, after, gain{score,low,high}, pairs},
// importance[].{dimension, share, low, high}, pairs_of_settings[].{first, second, share, low, high},
// parts[].{slot, text, simplified, derivative, baseline, properties[], experiments[], knock_outs[],
// knock_ins[]}, model[], rows and trials{sizes[], scores[], law{limit, distance, rate}, forecasts[].{size,
// score, gain}}, left_out[].
[[nodiscard]] std::string explain_json(const ExplainResult& result);
// JSON of one curve, as in explain.json; null without.
[[nodiscard]] std::string spent_curve_json(const std::optional<SpentCurve>& spent);
[[nodiscard]] std::string explain_text(const ExplainResult& result, const TextStyle& style);

}  // namespace astrolabe
