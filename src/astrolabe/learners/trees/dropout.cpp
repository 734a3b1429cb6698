// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/dropout.h"

#include <algorithm>

namespace astrolabe::trees {

std::vector<std::size_t> Dropout::choose(std::uint64_t round) const {
  std::vector<std::size_t> dropped;
  const std::size_t rounds = weights_.size();
  RandomStream random(key_.split(round));
  if (rounds == 0 || random.uniform() < rules_.skip) return dropped;
  for (std::size_t i = 0; i < rounds; ++i)
    if (random.uniform() < rules_.rate) dropped.push_back(i);
  if (dropped.empty()) dropped.push_back(random.below(rounds));
  if (dropped.size() > kMostDropped) {
    random.shuffle(dropped);
    dropped.resize(kMostDropped);
    std::ranges::sort(dropped);
  }
  return dropped;
}

Dropout::Shares Dropout::add_round(std::span<const std::size_t> dropped) {
  const auto count = static_cast<double>(dropped.size());
  const Shares shares{.added = 1 / (count + 1), .dropped = count / (count + 1)};
  for (const std::size_t round : dropped) weights_[round] *= shares.dropped;
  weights_.push_back(shares.added);
  return shares;
}

}  // namespace astrolabe::trees
