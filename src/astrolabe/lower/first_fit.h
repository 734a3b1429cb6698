// SPDX-License-Identifier: Apache-2.0
// Offsets by greed: every buffer in turn as low as those that were placed before let it.
//
//   const std::vector<std::size_t> offsets = first_fit(buffers, by_birth(buffers));
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "astrolabe/lower/lifetime.h"

namespace astrolabe {

// Orders, as permutations: the earliest first; the largest first, among equals the earlier one.
[[nodiscard]] std::vector<std::uint32_t> by_birth(std::span<const Lifetime> buffers);
[[nodiscard]] std::vector<std::uint32_t> by_size(std::span<const Lifetime> buffers);

// Greedy by size and by birth are those of Pisarchyk and Lee (2020), section 5. Cost: the number of pairs.
[[nodiscard]] std::vector<std::size_t> first_fit(std::span<const Lifetime> buffers,
                                                 std::span<const std::uint32_t> order);

}  // namespace astrolabe
