// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/poisson_rows.h"

#include <algorithm>
#include <array>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

constexpr std::size_t kCoins = 16;  // of 8 bits in a block

// Whether one of the word's four coins is at most `most`, below 128 (Anderson, "Bit twiddling hacks":
// hasless).
bool holds_small_coin(std::uint32_t word, std::uint32_t most) {
  constexpr std::uint32_t kOnes = 0x01010101, kHighs = 0x80808080;
  return ((word - kOnes * (most + 1)) & ~word & kHighs) != 0;
}

}  // namespace

PoissonRows::PoissonRows(Key key, std::size_t rows, double rate)
    : key_(key), rows_(rows), threshold_(static_cast<std::uint64_t>(rate * 0x1p32)) {
  ASTROLABE_CHECK(rate > 0 && rate <= 1 && threshold_ > 0, "a rate that takes rows");
  ASTROLABE_CHECK(rows_ <= INT32_MAX, "rows that an index can tell apart");
}

double PoissonRows::rate() const {
  return static_cast<double>(threshold_) * 0x1p-32;
}

std::vector<std::int32_t> PoissonRows::of_step(std::uint64_t step) const {
  // A key of the step's own, so that a block's counter is the row alone.
  const Key key = key_.split(step);
  const std::array<std::uint32_t, 2> words{static_cast<std::uint32_t>(key.bits),
                                           static_cast<std::uint32_t>(key.bits >> 32)};
  const auto first = static_cast<std::uint32_t>(threshold_ >> 24);  // 256 at a rate of 1
  const auto rest = static_cast<std::uint32_t>(threshold_ & 0xFFFFFF);
  std::vector<std::int32_t> taken;
  for (std::size_t begin = 0; begin < rows_; begin += kCoins) {
    const std::array<std::uint32_t, 4> coins =
        philox({static_cast<std::uint32_t>(begin / kCoins), 0, 0, 1}, words);
    for (std::size_t word = 0; word < coins.size(); ++word) {
      // Of a small rate most words hold nobody.
      if (first < 128 && !holds_small_coin(coins[word], first)) continue;
      for (std::size_t i = 4 * word; i < std::min(4 * word + 4, rows_ - begin); ++i) {
        const std::uint32_t coin = coins[word] >> (8 * (i % 4)) & 0xFF;
        if (coin > first) continue;
        const auto row = static_cast<std::uint32_t>(begin + i);
        // One in 256 is not decided by its first 8 bits.
        if (coin < first || philox({row, 0, 0, 2}, words)[0] >> 8 < rest)
          taken.push_back(static_cast<std::int32_t>(row));
      }
    }
  }
  return taken;
}

}  // namespace astrolabe
