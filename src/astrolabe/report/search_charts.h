// SPDX-License-Identifier: Apache-2.0
// The search page's pictures as inline SVG, in the manner of charts.h: no script, colours from the style
// sheet, every value also in a table or a title element. Empty when there is nothing to draw.
#pragma once

#include <string>

#include "astrolabe/report/search_formulas.h"
#include "astrolabe/report/search_summary.h"

namespace astrolabe {

// Every complete trial as a dot, the best so far as a line with its interval, over the time of the search.
[[nodiscard]] std::string best_so_far_chart(const SearchResult& result);
// One axis for each dimension that decides most (at most 10) and one for the score; at most 300 trials: the
// best 100, and others evenly over time. The better, the stronger the colour.
[[nodiscard]] std::string parallel_chart(const SearchResult& result);
// Score against complexity, latency or memory, with the front as a line.
[[nodiscard]] std::string front_chart(const SearchResult& result, Measure measure);
// Value and slope of a found formula and of familiar ones, two plots beside each other, and the legend.
[[nodiscard]] std::string formula_chart(const FormulaCurves& curves);

}  // namespace astrolabe
