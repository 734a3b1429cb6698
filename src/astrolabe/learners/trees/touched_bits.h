// SPDX-License-Identifier: Apache-2.0
// Which of many sums have been added to, a bit each, so that only those are visited and cleared.
//
//   touched[cell / 64] |= std::uint64_t{1} << (cell % 64);
//   take_bits(touched, [&](std::size_t cell) { visit(std::exchange(sums[cell], {})); });
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace astrolabe::trees {

// Calls visit(number) for each bit that is set, ascending, and clears all.
template <class Visit>
void take_bits(std::span<std::uint64_t> words, Visit visit) {
  for (std::size_t word = 0; word < words.size(); ++word) {
    std::uint64_t bits = std::exchange(words[word], 0);
    for (; bits != 0; bits &= bits - 1) visit(64 * word + static_cast<std::size_t>(std::countr_zero(bits)));
  }
}

}  // namespace astrolabe::trees
