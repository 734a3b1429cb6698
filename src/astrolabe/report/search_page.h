// SPDX-License-Identifier: Apache-2.0
// The search page: what was tried, what was found, what it cost. A section of a run's report, or a page of
// its own for `astrolabe search`.
//
//   page += search_section(result);            // in run_report.cpp
//   write_file(folder / "report.html", search_page_html(result, "train.py"));
//
// Names, values and reasons are escaped; no script; nothing is asked of the network. Size: below 1 MB
// whatever the number of trials.
#pragma once

#include <string>
#include <string_view>

#include "astrolabe/report/search_result.h"

namespace astrolabe {

// Of a study without any trial: says so.
[[nodiscard]] std::string search_section(const SearchResult& result);
[[nodiscard]] std::string search_page_html(const SearchResult& result, std::string_view title);

}  // namespace astrolabe
