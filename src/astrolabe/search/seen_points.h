// SPDX-License-Identifier: Apache-2.0
// Which points were seen before: a set of their hashes, eight bytes each at half load, so that proposers can
// avoid to repeat themselves.
//
//   SeenPoints seen;
//   seen.insert(point);
//   if (!seen.contains(other)) ...
//
// Two points in some 10^19 share a hash; then one of them is never proposed. After kCapacity points no more
// are remembered, and memory stays flat. Not thread-safe. Cost: O(dimensions).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "astrolabe/search/space.h"

namespace astrolabe {

class SeenPoints {
 public:
  static constexpr std::size_t kCapacity = std::size_t{1} << 18;

  void insert(const Point& point);
  [[nodiscard]] bool contains(const Point& point) const;
  [[nodiscard]] std::size_t size() const { return count_; }

 private:
  [[nodiscard]] std::size_t slot_of(std::uint64_t hash) const;
  void grow();

  std::vector<std::uint64_t> slots_;  // a power of two of them, open addressing; 0: free
  std::size_t count_ = 0;
};

}  // namespace astrolabe
