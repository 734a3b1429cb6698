// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/ranked_trials.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

namespace astrolabe {

RankedTrials::RankedTrials(std::span<const Observation> seen) {
  for (const Observation& trial : seen)
    if (!std::isnan(trial.cost)) trials_.push_back(&trial);
  std::ranges::stable_sort(trials_,
                           [](const Observation* a, const Observation* b) { return is_better(*a, *b); });
  for (std::size_t i = 0; i < size(); ++i) {
    equals_last_.push_back(i > 0 && !is_better(*trials_[i - 1], *trials_[i]));
    if (trials_[i]->state != TrialState::failed) ++not_failed_;
  }
}

TrialSample RankedTrials::sample(std::vector<std::uint32_t> times, double quantile) const {
  TrialSample sample{.times = std::move(times)};
  sample.all =
      static_cast<double>(std::accumulate(sample.times.begin(), sample.times.end(), std::uint64_t{0}));
  const double wanted = std::ceil(quantile * sample.all);
  while (sample.end < not_failed_ && (sample.best < wanted || equals_last_[sample.end]))
    sample.best += sample.times[sample.end++];
  return sample;
}

TrialSample RankedTrials::once(double quantile) const {
  return sample(std::vector<std::uint32_t>(size(), 1), quantile);
}

TrialSample RankedTrials::drawn(double quantile, Key key) const {
  const std::size_t trials = size();
  const std::array<std::uint32_t, 2> words{static_cast<std::uint32_t>(key.bits),
                                           static_cast<std::uint32_t>(key.bits >> 32)};
  std::vector<std::uint32_t> times(trials, 0);
  for (std::size_t begin = 0; begin < trials; begin += 4) {
    const std::array<std::uint32_t, 4> block =
        philox({static_cast<std::uint32_t>(begin / 4), 0, 0, 3}, words);
    for (std::size_t i = 0; i < std::min<std::size_t>(4, trials - begin); ++i)
      ++times[static_cast<std::size_t>(block[i] * std::uint64_t{trials} >> 32)];
  }
  return sample(std::move(times), quantile);
}

Ends resampled_ends(double value, std::vector<double>& drawn) {
  if (drawn.empty()) return {.low = value, .high = value};
  std::ranges::sort(drawn);
  const auto at = [&](double part) {
    return drawn[static_cast<std::size_t>(std::lround(part * static_cast<double>(drawn.size() - 1)))];
  };
  return {.low = std::min(value, at(0.025)), .high = std::max(value, at(0.975))};
}

}  // namespace astrolabe
