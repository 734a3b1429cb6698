// SPDX-License-Identifier: Apache-2.0
// libFuzzer entry: the first byte chooses the number of outputs, the rest claims to be a trees model.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/trees_model_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  astrolabe::fuzz::load_and_use({reinterpret_cast<const char*>(data) + 1, size - 1}, data[0] % 4);
  return 0;
}
