// SPDX-License-Identifier: Apache-2.0
// What the terminal shows of a run: plain text, aligned, at most `width` wide; names from the data have
// control characters replaced.
#pragma once

#include <string>

#include "astrolabe/report/run_result.h"

namespace astrolabe {

struct TextStyle {
  int width = 80;
  bool color = false;
};

// What was understood of the table: rows, columns by type, missing cells, target, suspicious columns.
[[nodiscard]] std::string describe_data(const RunResult& result, const TextStyle& style);
// Leaderboard with intervals; ties are called ties.
[[nodiscard]] std::string leaderboard_text(const RunResult& result, const TextStyle& style);
// "calibrated by a temperature: log loss 0.345 to 0.331 out of fold"
[[nodiscard]] std::string calibration_words(const CalibrationSummary& calibration);
// The honest score, what ships, and the paths.
[[nodiscard]] std::string outcome_text(const RunResult& result, const TextStyle& style);

}  // namespace astrolabe
