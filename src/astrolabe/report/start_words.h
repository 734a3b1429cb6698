// SPDX-License-Identifier: Apache-2.0
// How a run that went on from a model says where it started, line by line; for terminals, notes and the page.
#pragma once

#include <string>
#include <vector>

#include "astrolabe/report/start_result.h"
#include "astrolabe/stats/metric.h"

namespace astrolabe {

// "starts as the old model: largest difference 0 on 512 rows"; empty where nothing was compared.
[[nodiscard]] std::string certificate_words(const StartResult& start);
// "reads 2 new columns (a, b); city has 3 new categories"; empty where the table is as it was.
[[nodiscard]] std::string changes_words(const StartResult& start);
// "going on is better than from nothing by 0.012 [0.004, 0.02]".
[[nodiscard]] std::string gain_words(const StartResult& start, const Metric& metric);
// What became of what was known; empty without old rows.
[[nodiscard]] std::string memory_words(const StartResult& start, const Metric& metric);
// All of them that say something.
[[nodiscard]] std::vector<std::string> start_words(const StartResult& start, const Metric& metric);

}  // namespace astrolabe
