// SPDX-License-Identifier: Apache-2.0
// Which block of a larger architecture is which block of a smaller one.
//
//   const auto from = find_contained(parse_architecture("64-res-res"), parse_architecture("32-res"), false);
//   // {0, 1, kNewBlock}: 64 was 32, the first res was the res, the second one is new
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

#include "astrolabe/train/architecture.h"

namespace astrolabe {

inline constexpr std::size_t kNewBlock = std::numeric_limits<std::size_t>::max();

// For each block of the child the block of the parent that it was, or kNewBlock; nothing when the child does
// not contain the parent. A block was one of its kind, no wider than it is now. New residual blocks may be
// anywhere, new dense ones only when `may_add_dense`: where what comes in are values of the activation, and
// no narrower than that. The earliest of several ways.
[[nodiscard]] std::optional<std::vector<std::size_t>> find_contained(const Architecture& child,
                                                                     const Architecture& parent,
                                                                     bool may_add_dense);

}  // namespace astrolabe
