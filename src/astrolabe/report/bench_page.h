// SPDX-License-Identifier: Apache-2.0
// A benchmark for people and programs: the terminal, bench.json, the page.
//
//   fmt::print("{}", bench_text(result, style));
#pragma once

#include <string>

#include "astrolabe/report/bench_result.h"
#include "astrolabe/report/terminal_text.h"

namespace astrolabe {

[[nodiscard]] std::string bench_text(const BenchResult& result, const TextStyle& style);
// JSON: comparisons[].{slot, a, b, tasks[].{name, metric, effect{score,low,high}, difference, p, adjusted,
// verdict, differences[]}, effect{score,low,high}, p, verdict, time_ratio, memory_ratio, why},
// interactions[] likewise, parts[].{slot, part, share, rank, elo{score,low,high}, seconds, memory_bytes},
// ranks[].{slot, tasks, friedman_p, critical_difference, pairs[].{a, b, p, adjusted}}, tasks[].{name, kind,
// metric, source, hash, train_rows, judged_rows}, skipped[] and failed[].{what, why}, rows, claim, correction
// and what was asked.
[[nodiscard]] std::string bench_json(const BenchResult& result);
[[nodiscard]] std::string bench_html(const BenchResult& result);

}  // namespace astrolabe
