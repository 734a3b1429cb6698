// SPDX-License-Identifier: Apache-2.0
// The parts of each slot beside one another: ranks over tasks, strengths, what they cost, who arrives first.
//
//   rank_parts(plan, scores, key, result);    // fills result.slots
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <limits>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/report/bench_result.h"
#include "astrolabe/workflow/bench_verdicts.h"

namespace astrolabe {

// Over seeds; NaN without an outcome. `cost` is a member of BenchOutcome.
template <class Cost>
[[nodiscard]] double median_cost(const BenchScores& scores, std::size_t task, std::size_t system,
                                 const Cost& cost) {
  std::vector<double> values;
  for (std::size_t seed = 0; seed < scores.seeds(); ++seed)
    if (const BenchOutcome* outcome = scores.at(task, system, seed))
      values.push_back(std::invoke(cost, *outcome));
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
  return values[values.size() / 2];
}

// A part arrives on a task where its mean share is at least kArrivalShare; the time is that of its fits.
inline constexpr double kArrivalShare = 0.95;

void rank_parts(const BenchPlan& plan, const BenchScores& scores, Key key, BenchResult& result);

}  // namespace astrolabe
