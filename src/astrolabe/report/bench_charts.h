// SPDX-License-Identifier: Apache-2.0
// The pictures of a benchmark, as inline SVG. Each is empty where there is nothing to draw.
#pragma once

#include <span>
#include <string>

#include "astrolabe/report/bench_result.h"

namespace astrolabe {

// A dot and its interval for each comparison, over the region where nothing matters.
[[nodiscard]] std::string bench_effects_chart(std::span<const BenchComparison* const> comparisons,
                                              double rope);
// The tasks of one comparison: every pair a pale dot, the mean with its 95 % interval.
[[nodiscard]] std::string bench_tasks_chart(const BenchComparison& comparison, double rope);
// Critical-difference diagram: mean ranks on a line, bars over parts that no pair tells apart (Demsar 2006).
[[nodiscard]] std::string bench_ranks_chart(const BenchSlot& slot);
// Performance profiles: on what share of the tasks a part arrives within a factor of the least time.
[[nodiscard]] std::string bench_profiles_chart(const BenchSlot& slot);
// What a part gains against what its fit costs.
[[nodiscard]] std::string bench_cost_chart(const BenchSlot& slot);

}  // namespace astrolabe
