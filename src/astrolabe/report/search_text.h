// SPDX-License-Identifier: Apache-2.0
// What the terminal shows of a study: plain text, aligned, at most `width` wide; control characters in names
// and reasons are shown as '?', so that data cannot steer the terminal.
#pragma once

#include <string>

#include "astrolabe/report/search_result.h"
#include "astrolabe/report/terminal_text.h"

namespace astrolabe {

// Progress, the best with its interval, the best ten, importance, what was saved: about 40 lines.
[[nodiscard]] std::string search_text(const SearchResult& result, const TextStyle& style);
// "1,204 trials, 312/min, best AUC 0.9283 [0.9251, 0.9315] (trial 812), 40 % pruned": one line.
[[nodiscard]] std::string search_line(const SearchResult& result);

}  // namespace astrolabe
