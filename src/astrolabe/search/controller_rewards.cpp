// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/controller_rewards.h"

#include <algorithm>
#include <numeric>

namespace astrolabe {

std::vector<double> rank_advantages(std::span<const Observation> seen) {
  std::vector<double> advantages(seen.size(), 0.0);
  if (seen.size() < 2) return advantages;
  std::vector<std::size_t> order(seen.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return is_better(seen[a], seen[b]); });
  const double step = 2.0 / static_cast<double>(seen.size() - 1);
  for (std::size_t first = 0; first < order.size();) {
    std::size_t end = first + 1;
    while (end < order.size() && !is_better(seen[order[first]], seen[order[end]])) ++end;
    const double place = static_cast<double>(first + end - 1) / 2;
    for (; first < end; ++first) advantages[order[first]] = 1 - step * place;
  }
  return advantages;
}

double RewardWindow::add(const Observation& seen) {
  double beaten = 0;
  for (const Observation& other : latest_) {
    if (is_better(seen, other))
      beaten += 1;
    else if (!is_better(other, seen))
      beaten += 0.5;
  }
  const double reward = latest_.empty() ? 0.5 : beaten / static_cast<double>(latest_.size());
  latest_.push_back({.point = {}, .by = {}, .state = seen.state, .cost = seen.cost, .steps = seen.steps});
  if (latest_.size() > kWindow) latest_.pop_front();
  return reward;
}

}  // namespace astrolabe
