// SPDX-License-Identifier: Apache-2.0
// A set of bins 0 .. 255.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace astrolabe::trees {

struct BinSet {
  std::array<std::uint64_t, 4> words{};

  void add(std::size_t bin) { words[bin / 64] |= std::uint64_t{1} << (bin % 64); }
  [[nodiscard]] bool has(std::size_t bin) const { return (words[bin / 64] >> (bin % 64) & 1U) != 0; }
  // One byte per bin: 1 where the set has it.
  [[nodiscard]] std::array<std::uint8_t, 256> table() const {
    std::array<std::uint8_t, 256> member{};
    for (std::size_t bin = 0; bin < member.size(); ++bin) member[bin] = has(bin) ? 1 : 0;
    return member;
  }

  friend bool operator==(const BinSet&, const BinSet&) = default;
};

}  // namespace astrolabe::trees
