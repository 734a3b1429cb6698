// SPDX-License-Identifier: Apache-2.0
// A run's result as files and text. All functions are pure; the caller writes.
#pragma once

#include <string>

#include "astrolabe/report/run_result.h"

namespace astrolabe {

// One self-contained page: no script, no request to anywhere, light and dark, readable on a phone and in
// print. Everything that comes from the data is escaped.
[[nodiscard]] std::string run_report_html(const RunResult& result);
// The object that `run --json` prints and result.json holds (docs/design.md, section 6).
[[nodiscard]] std::string run_result_json(const RunResult& result);
// leaderboard.csv; cells that a spreadsheet would run as a formula are neutralised.
[[nodiscard]] std::string leaderboard_csv(const RunResult& result);

}  // namespace astrolabe
