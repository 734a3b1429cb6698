// SPDX-License-Identifier: Apache-2.0
// What a study has found, as JSON that others build on (docs/design.md, section 6).
//
//   fmt::print("{}\n", search_json_text(result));   // {"trials": {"total": 120, ...}, "best": {...}, ...}
#pragma once

#include <string>

#include "astrolabe/report/search_result.h"

namespace astrolabe {

// trials.{total,complete,pruned,failed,running,waiting}, best.{trial,score,low,high,point,...} or null,
// findings[] (formulas), importance[], best_trials[] (at most 100), curve[], front.{nodes,latency,memory},
// saved[], proposers[], reasons[], preflight, counters. Numbers that are not finite are null.
[[nodiscard]] std::string search_json_text(const SearchResult& result);

}  // namespace astrolabe
