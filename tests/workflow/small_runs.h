// SPDX-License-Identifier: Apache-2.0
// Whole runs on small tables, in a folder of the test's own.
//
//   using testing::Run;
//   TEST_F(Run, ...) {
//     const RunResult result = run_quietly(options(write_table(1100), "r"));
//     model_bytes("r");                             // of folder_ / "r" / "model.astro"
//   }
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "tests/workflow/temporary_folder.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/report/run_result.h"
#include "astrolabe/workflow/run_options.h"

namespace astrolabe::testing {

class Run : public ::testing::Test {
 protected:
  // Its path; of a file of that name in the folder.
  [[nodiscard]] std::filesystem::path write(const std::string& name, const std::string& text) const;
  // Numbers, a category with missing cells, a weight; the class follows from them, with noise.
  [[nodiscard]] std::filesystem::path write_table(std::size_t rows, const std::string& weight = "1") const;
  // The target is a sum of a smooth and a rough part, with noise that grows with x1.
  [[nodiscard]] std::filesystem::path write_sums(std::size_t rows) const;

  // Four trials, no clock, results in folder_ / out; the weight of write_table is dropped.
  [[nodiscard]] RunOptions options(const std::filesystem::path& data, const std::string& out) const;
  static RunResult run_quietly(const RunOptions& options);
  [[nodiscard]] std::string model_bytes(const std::string& out) const;
  // What the run says instead of running. Fails where it runs, or leaves a folder.
  static std::string complaint(const RunOptions& options, ErrorKind kind);

 private:
  const TemporaryFolder its_own_{"astrolabe-run"};

 protected:
  const std::filesystem::path folder_ = its_own_.path;
};

}  // namespace astrolabe::testing
