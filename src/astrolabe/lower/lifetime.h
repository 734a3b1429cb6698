// SPDX-License-Identifier: Apache-2.0
// A buffer as planners of memory see it: how much, and from when to when.
//
//   const Lifetime weights{.bytes = 4096, .lower = 0, .upper = 9};  // lives at 0, 1, ... 8
#pragma once

#include <cstddef>
#include <cstdint>

namespace astrolabe {

struct Lifetime {
  std::size_t bytes = 0;
  std::int64_t lower = 0, upper = 0;  // half open; what ends where another begins shares no time with it

  [[nodiscard]] bool meets(const Lifetime& other) const { return lower < other.upper && other.lower < upper; }
};

}  // namespace astrolabe
