// SPDX-License-Identifier: Apache-2.0
// Powers of 2 from 16 to 2048, none larger than a quarter of the rows when these are known: fewer than four
// steps an epoch are no stochastic descent.
#include <algorithm>

#include "astrolabe/system/named_spaces.h"

namespace astrolabe {

WrittenSpace write_batches(const SpaceWriter& slot, const SpaceContext& context, int /*setting*/) {
  constexpr std::size_t kSmallest = 16, kLargest = 2048, kUsual = 128;
  const std::size_t limit = context.rows == 0 ? kLargest : std::max(context.rows / 4, std::size_t{1});
  std::vector<std::string> sizes = {std::to_string(std::min(kSmallest, limit))};
  std::size_t preferred = 0;
  for (std::size_t size = 2 * kSmallest; size <= std::min(limit, kLargest); size *= 2) {
    if (size == kUsual) preferred = sizes.size();
    sizes.push_back(std::to_string(size));
  }
  WrittenSpace space{.text = slot.choice("size", sizes, preferred).text};
  return space;
}

std::string grammar_of_batches(int /*setting*/) {
  return "16, 32, 64, ..., 2048, at most a quarter of the rows\n"
         "  scaling, when the learning rate is free: linear, sqrt or none, from the usual rate at 128 rows\n";
}

}  // namespace astrolabe
