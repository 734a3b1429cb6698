// SPDX-License-Identifier: Apache-2.0
// The explanation's pictures as inline SVG, in the manner of charts.h.
#pragma once

#include <span>
#include <string>

#include "astrolabe/report/explain_result.h"

namespace astrolabe {

struct GainRow {
  std::string name;  // not escaped yet
  Estimate gain;
};
// A dot and its interval for each row, around a line at 0: to the right is better. Empty without rows.
[[nodiscard]] std::string gain_chart(std::span<const GainRow> rows, std::string_view axis_title);

// Scores of every seed, the law through them, and where it goes with its intervals; size on a logarithmic
// axis.
[[nodiscard]] std::string spent_chart(const SpentCurve& spent, std::string_view metric_title);

}  // namespace astrolabe
