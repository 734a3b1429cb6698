// SPDX-License-Identifier: Apache-2.0
// A benchmark in words, for the terminal and the page alike. Shares are percent of the best part's gain.
#pragma once

#include <string>

#include "astrolabe/report/bench_result.h"

namespace astrolabe {

// "better"; of an undecided one "not significant"; of an interaction "more together".
[[nodiscard]] std::string bench_verdict_words(const BenchComparison& comparison);
// "+1.2 % [-0.3, +2.7]"
[[nodiscard]] std::string share_words(const Estimate& effect);
// "tuned, 3 learning rates for either side; 8 seeds; ..."
[[nodiscard]] std::string protocol_words(const BenchResult& result);
// Which correction stands behind the intervals, and which behind the marks of tasks.
[[nodiscard]] std::string correction_words(const BenchResult& result);
// What ranks say beyond these tasks, or why they say nothing.
[[nodiscard]] std::string ranks_words(const BenchSlot& slot, double alpha);
// "0.94x"; "-" where it is not known.
[[nodiscard]] std::string ratio_words(double ratio);

}  // namespace astrolabe
