// SPDX-License-Identifier: Apache-2.0
// The report's pictures as inline SVG: no script, colours from the page's style sheet (so light and dark both
// work), every value also stands in a table or a title element.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "astrolabe/report/run_result.h"

namespace astrolabe {

// One row per system: a dot and its interval on a common axis; the best marked.
[[nodiscard]] std::string interval_chart(std::span<const LeaderboardRow> rows, std::string_view axis_title);

struct Bar {
  std::string name;  // not escaped yet
  double value = 0;
  double low = 0, high = 0;  // equal: no whisker
};
// Horizontal bars from zero, largest first as given.
[[nodiscard]] std::string bar_chart(std::span<const Bar> bars, std::string_view axis_title);
// A histogram as small as a word.
[[nodiscard]] std::string sparkline(std::span<const std::uint64_t> counts);

}  // namespace astrolabe
