// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/kernel/hadamard.h"

#include <bit>
#include <cstddef>

#include "astrolabe/base/error.h"

namespace astrolabe::kernel {

void walsh_hadamard(std::span<float> values) {
  const std::size_t size = values.size();
  ASTROLABE_CHECK(std::has_single_bit(size), "a Walsh-Hadamard transform is of a power of two");
  for (std::size_t half = 1; half < size; half *= 2) {
    for (std::size_t begin = 0; begin < size; begin += 2 * half) {
      float* low = values.data() + begin;
      float* high = low + half;
      for (std::size_t i = 0; i < half; ++i) {
        const float a = low[i], b = high[i];
        low[i] = a + b;
        high[i] = a - b;
      }
    }
  }
}

}  // namespace astrolabe::kernel
