// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/lower/memory_plan.h"

#include <algorithm>
#include <numeric>

#include "astrolabe/tensor/buffer.h"

namespace astrolabe {
namespace {

bool live_together(const Lifetime& a, const Lifetime& b) {
  return a.first <= b.last && b.first <= a.last;
}

// Every buffer in turn at the lowest offset where nothing that lives with it lies.
MemoryPlan place_in_order(std::span<const Lifetime> buffers, std::span<const std::size_t> order) {
  MemoryPlan plan;
  plan.offsets.resize(buffers.size());
  std::vector<std::size_t> placed;  // by ascending offset
  for (const std::size_t buffer : order) {
    std::size_t offset = 0;
    for (const std::size_t other : placed) {
      if (!live_together(buffers[buffer], buffers[other])) continue;
      if (offset + padded_bytes(buffers[buffer].bytes) <= plan.offsets[other]) break;
      offset = std::max(offset, plan.offsets[other] + padded_bytes(buffers[other].bytes));
    }
    plan.offsets[buffer] = offset;
    plan.bytes = std::max(plan.bytes, offset + padded_bytes(buffers[buffer].bytes));
    const auto behind =
        std::ranges::upper_bound(placed, offset, {}, [&](std::size_t at) { return plan.offsets[at]; });
    placed.insert(behind, buffer);
  }
  return plan;
}

std::size_t most_at_one_time(std::span<const Lifetime> buffers) {
  std::size_t most = 0;
  for (const Lifetime& birth : buffers) {  // the most is reached when something is born
    std::size_t live = 0;
    for (const Lifetime& other : buffers)
      if (other.first <= birth.first && birth.first <= other.last) live += padded_bytes(other.bytes);
    most = std::max(most, live);
  }
  return most;
}

}  // namespace

MemoryPlan plan_memory(std::span<const Lifetime> buffers) {
  std::vector<std::size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t at) { return buffers[at].first; });
  MemoryPlan by_birth = place_in_order(buffers, order);
  std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::size_t at) { return buffers[at].bytes; });
  MemoryPlan by_size = place_in_order(buffers, order);
  MemoryPlan best = by_size.bytes <= by_birth.bytes ? std::move(by_size) : std::move(by_birth);
  best.lower_bound = most_at_one_time(buffers);
  return best;
}

}  // namespace astrolabe
