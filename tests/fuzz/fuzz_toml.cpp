// SPDX-License-Identifier: Apache-2.0
// libFuzzer entry: the bytes claim to be a run file with grammars and slots of a user, or a suite.
#include <filesystem>
#include <fstream>

#include "tests/fuzz/blame.h"
#include <unistd.h>

#include "astrolabe/system/user_spaces.h"
#include "astrolabe/workflow/bench_suites.h"
#include "astrolabe/workflow/run_file.h"

namespace astrolabe {

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer looks for this name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("astrolabe-fuzz-" + std::to_string(getpid()) + ".toml");
  const std::string text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(fuzz::is_understood([&] { static_cast<void>(read_user_grammars(text, "--grammar")); }));
  static_cast<void>(fuzz::is_understood([&] { static_cast<void>(read_user_slots(text, "--slots")); }));
  std::ofstream(path, std::ios::binary) << text;
  static_cast<void>(fuzz::is_understood([&] { static_cast<void>(words_of_run_file(path)); }));
  static_cast<void>(fuzz::is_understood([&] { static_cast<void>(read_bench_suite(path.string())); }));
  std::filesystem::remove(path);
  return 0;
}

}  // namespace astrolabe
