// SPDX-License-Identifier: Apache-2.0
// Wide features in the grower: the best split of a leaf on those of its tree.
#include <algorithm>
#include <vector>

#include "astrolabe/learners/trees/grower.h"

namespace astrolabe::trees {
namespace {

constexpr std::size_t kWideUpdates = 60'000;  // fewer are not worth waking a thread

}  // namespace

// Whether a wide slot has a better split than those of the others.
void TreeGrower::search_wide(Leaf& leaf, TreeRequest& request, ThreadPool& pool, std::size_t place) {
  const NodeRows node = {.rows = rows_of(leaf, request, leaf.is_in_spare),
                         .gradients = request.gradients,
                         .packed = request.packed,
                         .total = leaf.total};
  const std::span<const std::uint32_t> slots = wide_.slots();
  std::vector<Split> found(slots.size());
  const auto search_one = [&](std::size_t i, std::size_t at) {
    const WideSums& sums = wide_.sum_up(slots[i], node, at);
    if (sums.bins.empty()) return;
    found[i] = search_cells(slots[i], sums.cells, leaf, leaf.split.gain);
    if (found[i]) found[i].last_left_bin = sums.bins[found[i].last_left_bin];
  };
  const std::size_t threads = std::min(pool.size(), wide_.threads());
  if (threads == 1 || node.rows.size() * slots.size() < kWideUpdates) {
    for (std::size_t i = 0; i < slots.size(); ++i) search_one(i, place);
  } else {
    pool.for_each(threads, [&](std::size_t at) {
      for (std::size_t i = at; i < slots.size(); i += threads) search_one(i, at);
    });
  }
  for (std::size_t i = 0; i < slots.size(); ++i) leaf.take_better({.split = found[i], .slot = slots[i]});
}

}  // namespace astrolabe::trees
