// SPDX-License-Identifier: Apache-2.0
// libFuzzer entry: the bytes claim to be a model file. Checksums are made good first, so that the fuzzer gets
// behind them; what is accepted predicts.
#include <cstddef>
#include <cstdint>
#include <string>

#include "tests/pipeline/model_bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static astrolabe::ThreadPool pool(1);
  const std::string file = astrolabe::testing::sign_again({reinterpret_cast<const char*>(data), size});
  static_cast<void>(astrolabe::testing::is_usable(file, pool));
  return 0;
}
