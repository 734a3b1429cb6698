// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/ranked_trials.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace astrolabe {

RankedTrials::RankedTrials(std::span<const Observation> seen) {
  for (const Observation& trial : seen)
    if (!std::isnan(trial.cost)) trials_.push_back(&trial);
  std::ranges::stable_sort(trials_,
                           [](const Observation* a, const Observation* b) { return is_better(*a, *b); });
}

std::size_t RankedTrials::end_of_best(std::span<const double> times, double quantile) const {
  const double wanted = std::ceil(quantile * std::accumulate(times.begin(), times.end(), 0.0));
  double reached = 0;
  std::size_t end = 0;
  while (end < size() && trials_[end]->state != TrialState::failed) {
    const bool is_equal = end > 0 && !is_better(*trials_[end - 1], *trials_[end]);
    if (reached >= wanted && !is_equal) break;
    reached += times[end++];
  }
  return end;
}

std::vector<double> drawn_times(std::size_t n, Key key) {
  std::vector<double> times(n, 0);
  RandomStream random(key);
  for (std::size_t i = 0; i < n; ++i) times[random.below(n)] += 1;
  return times;
}

}  // namespace astrolabe
