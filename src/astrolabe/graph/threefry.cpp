// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/graph/threefry.h"

#include <bit>

namespace astrolabe {

ThreefryWords threefry(ThreefryWords key, ThreefryWords counter) {
  const std::array<std::uint32_t, 3> keys = {key[0], key[1], kThreefryParity ^ key[0] ^ key[1]};
  std::uint32_t x = counter[0] + keys[0];
  std::uint32_t y = counter[1] + keys[1];
  for (std::uint32_t round = 0; round < 20; ++round) {
    x += y;
    y = std::rotl(y, static_cast<int>(kThreefryRotations[round % 8])) ^ x;
    if (round % 4 != 3) continue;
    const std::uint32_t injection = round / 4 + 1;
    x += keys[injection % 3];
    y += keys[(injection + 1) % 3] + injection;
  }
  return {x, y};
}

}  // namespace astrolabe
