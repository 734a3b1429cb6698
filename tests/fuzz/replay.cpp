// SPDX-License-Identifier: Apache-2.0
// Replays a fuzzer's corpus: every input that was ever interesting is still handled.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <vector>

#include <gtest/gtest.h>

#include "astrolabe/base/file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace astrolabe {
namespace {

TEST(Corpus, is_handled_without_a_crash) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(ASTROLABE_CORPUS))
    files.push_back(entry.path());
  ASSERT_FALSE(files.empty());
  std::ranges::sort(files);
  for (const std::filesystem::path& file : files) {
    SCOPED_TRACE(file);
    const std::string bytes = read_file(file, "corpus file");
    EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()), 0);
  }
}

}  // namespace
}  // namespace astrolabe
