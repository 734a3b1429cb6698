// SPDX-License-Identifier: Apache-2.0
// A folder for one test, gone with it.
//
//   const TemporaryFolder folder("bench");
//   run({.out = folder.path / "first"});
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace astrolabe::testing {

struct TemporaryFolder {
  explicit TemporaryFolder(const std::string& name) {
    // mkdtemp fills in the six letters.
    std::string pattern = (std::filesystem::temp_directory_path() / (name + "-XXXXXX")).string();
    path = ::mkdtemp(pattern.data());
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }

  std::filesystem::path path;
};

}  // namespace astrolabe::testing
