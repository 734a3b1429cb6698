// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/trial_memory.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace astrolabe {

std::vector<std::size_t> TrialMemory::ranked() const {
  std::vector<std::size_t> order(trials_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](auto a, auto b) { return is_better(trials_[a], trials_[b]); });
  return order;
}

std::optional<std::vector<std::size_t>> TrialMemory::add(const Observation& seen) {
  trials_.push_back(seen);
  if (trials_.size() <= capacity_) return std::nullopt;
  const std::size_t share = capacity_ * 3 / 8;
  std::vector<bool> stays(trials_.size(), false);
  const std::vector<std::size_t> order = ranked();
  for (std::size_t i = 0; i < share; ++i) stays[order[i]] = true;
  for (std::size_t i = trials_.size() - share; i < trials_.size(); ++i) stays[i] = true;
  std::vector<std::size_t> kept;
  std::vector<Observation> left;
  for (std::size_t i = 0; i < trials_.size(); ++i) {
    if (!stays[i]) continue;
    kept.push_back(i);
    left.push_back(std::move(trials_[i]));
  }
  trials_ = std::move(left);
  return kept;
}

}  // namespace astrolabe
