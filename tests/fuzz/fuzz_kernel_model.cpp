// SPDX-License-Identifier: Apache-2.0
// libFuzzer entry: the first byte chooses the number of outputs, the rest claims to be a kernel machine.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/model_input.h"

#include "astrolabe/learners/kernel/kernel.h"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer looks for this name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  (void)astrolabe::fuzz::load_and_use(astrolabe::kernel_learner(), bytes, data[0] % 4);
  return 0;
}
