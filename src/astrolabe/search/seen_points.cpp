// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/seen_points.h"

#include <cmath>
#include <limits>

#include "astrolabe/base/hash.h"

namespace astrolabe {
namespace {

// Equal points have equal hashes: one bit pattern for NaN, one for zero.
std::uint64_t hash_of(const Point& point) {
  std::uint64_t hash = 0;
  for (const double value : point.values) {
    double canonical = value;
    if (std::isnan(value)) canonical = std::numeric_limits<double>::quiet_NaN();
    if (value == 0) canonical = 0;
    hash = hash_bytes(&canonical, sizeof canonical, hash);
  }
  return hash == 0 ? 1 : hash;
}

}  // namespace

std::size_t SeenPoints::slot_of(std::uint64_t hash) const {
  std::size_t slot = hash & (slots_.size() - 1);
  while (slots_[slot] != 0 && slots_[slot] != hash) slot = (slot + 1) & (slots_.size() - 1);
  return slot;
}

void SeenPoints::grow() {
  std::vector<std::uint64_t> old(slots_.empty() ? 64 : 2 * slots_.size(), 0);
  old.swap(slots_);
  for (const std::uint64_t hash : old)
    if (hash != 0) slots_[slot_of(hash)] = hash;
}

void SeenPoints::insert(const Point& point) {
  if (count_ >= kCapacity) return;
  if (2 * (count_ + 1) > slots_.size()) grow();
  const std::uint64_t hash = hash_of(point);
  std::uint64_t& slot = slots_[slot_of(hash)];
  if (slot == hash) return;
  slot = hash;
  ++count_;
}

bool SeenPoints::contains(const Point& point) const {
  return !slots_.empty() && slots_[slot_of(hash_of(point))] != 0;
}

}  // namespace astrolabe
