// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/stats/average_ranks.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace astrolabe {

AverageRanks average_ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
  AverageRanks result{.ranks = std::vector<double>(values.size())};
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin + 1;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    const double shared = static_cast<double>(begin + 1 + end) / 2;
    for (std::size_t i = begin; i < end; ++i) result.ranks[order[i]] = shared;
    const auto ties = static_cast<double>(end - begin);
    result.tie_correction += ties * ties * ties - ties;
    begin = end;
  }
  return result;
}

}  // namespace astrolabe
