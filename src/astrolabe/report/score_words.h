// SPDX-License-Identifier: Apache-2.0
// Words about scores that sections of the page share.
//
//   panel("ROC curve", roc_chart(honest) + source_note(judged_on(honest)));
#pragma once

#include <string>

#include "astrolabe/report/run_result.h"

namespace astrolabe {

[[nodiscard]] std::string metric_title(const RunResult& result);  // "AUC"
[[nodiscard]] std::string interval_words(const Estimate& e);      // "0.91 to 0.93"; "no interval"
// "93.1 %", "0.4 %"; a dash where there is none.
[[nodiscard]] std::string percent(double share);
// Which rows an honest score was measured on: "On the 6,512 sealed rows."
[[nodiscard]] std::string judged_on(const HonestScore& honest);
[[nodiscard]] std::string out_of_fold_words(std::size_t rows);
// A quiet line below a figure that says where its numbers come from. HTML; `words` are not escaped yet.
[[nodiscard]] std::string source_note(const std::string& words);

}  // namespace astrolabe
