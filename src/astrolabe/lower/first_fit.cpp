// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/lower/first_fit.h"

#include <algorithm>
#include <numeric>

namespace astrolabe {
namespace {

std::vector<std::uint32_t> in_given_order(std::size_t count) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  return order;
}

// One that is placed, with what the walk over all of them asks.
struct Placed {
  std::size_t offset = 0, end = 0;
  std::int64_t lower = 0, upper = 0;
};

}  // namespace

std::vector<std::uint32_t> by_birth(std::span<const Lifetime> buffers) {
  std::vector<std::uint32_t> order = in_given_order(buffers.size());
  std::ranges::stable_sort(order, {}, [&](std::uint32_t at) { return buffers[at].lower; });
  return order;
}

std::vector<std::uint32_t> by_size(std::span<const Lifetime> buffers) {
  std::vector<std::uint32_t> order = by_birth(buffers);
  std::ranges::stable_sort(order, std::ranges::greater{},
                           [&](std::uint32_t at) { return buffers[at].bytes; });
  return order;
}

std::vector<std::size_t> first_fit(std::span<const Lifetime> buffers, std::span<const std::uint32_t> order) {
  std::vector<std::size_t> offsets(buffers.size(), 0);
  std::vector<Placed> placed;  // by ascending offset
  placed.reserve(buffers.size());
  for (const std::uint32_t at : order) {
    const Lifetime& buffer = buffers[at];
    std::size_t offset = 0;
    for (const Placed& other : placed) {
      if (buffer.lower >= other.upper || other.lower >= buffer.upper) continue;
      if (offset + buffer.bytes <= other.offset) break;
      offset = std::max(offset, other.end);
    }
    offsets[at] = offset;
    const auto behind = std::ranges::upper_bound(placed, offset, {}, &Placed::offset);
    placed.insert(behind, {offset, offset + buffer.bytes, buffer.lower, buffer.upper});
  }
  return offsets;
}

}  // namespace astrolabe
