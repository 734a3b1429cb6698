// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/poisson_rows.h"

#include <algorithm>
#include <array>

#include "astrolabe/base/error.h"

namespace astrolabe {

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
  std::vector<std::int32_t> taken;
  for (std::size_t row = 0; row < rows_; row += 4) {
    const std::array<std::uint32_t, 4> coins = philox({static_cast<std::uint32_t>(row / 4), 0, 0, 1}, words);
    for (std::size_t i = 0; i < std::min<std::size_t>(4, rows_ - row); ++i)
      if (coins[i] < threshold_) taken.push_back(static_cast<std::int32_t>(row + i));
  }
  return taken;
}

}  // namespace astrolabe
