// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/bench_suites.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/workflow/temporary_folder.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

namespace fs = std::filesystem;

class BenchSuites : public ::testing::Test {
 protected:
  const testing::TemporaryFolder temporary_{"bench-suites"};
  const fs::path& folder_ = temporary_.path;
};

TEST_F(BenchSuites, a_suite_is_read_with_its_tables_beside_it) {
  const fs::path file = folder_ / "mine.toml";
  std::ofstream(file) << "mode = \"interaction\"\nseeds = 7\nhosts = [\"linear\"]\ntasks = [\"moons\"]\n"
                         "[slots]\nbatch_size = [16, 64]\n[[task]]\ndata = \"a.csv.gz\"\ntarget = \"y\"\n";
  const BenchQuestion read = read_bench_suite(file.string());
  EXPECT_EQ(read.mode, BenchMode::interaction);
  EXPECT_EQ(read.seeds, 7U);
  EXPECT_EQ(read.slots[0].parts, (std::vector<std::string>{"16", "64"}));
  ASSERT_EQ(read.tasks.size(), 2U);
  const auto by_path = std::ranges::find(read.tasks, std::string("a"), &BenchTaskRequest::name);
  ASSERT_NE(by_path, read.tasks.end());
  EXPECT_EQ(by_path->data, folder_ / "a.csv.gz");
}

TEST_F(BenchSuites, mistakes_in_a_suite_name_their_line) {
  const fs::path file = folder_ / "mine.toml";
  const auto complaint = [&](const std::string& text) -> std::string {
    std::ofstream(file) << text;
    try {
      static_cast<void>(read_bench_suite(file.string()));
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::bad_input);
      return error.what();
    }
    return "";
  };
  EXPECT_NE(complaint("seeds = 5\nsedes = 5\ntasks = [\"moons\"]\n").find("line 2"), std::string::npos);
  EXPECT_NE(complaint("seeds = [\n").find("TOML"), std::string::npos);
  EXPECT_NE(complaint("seeds = 5\n").find("task"), std::string::npos);
  EXPECT_NE(complaint("[[task]]\ndata = \"a.csv\"\n").find("target"), std::string::npos);
  EXPECT_NE(complaint("tasks = [\"moons\"]\nseeds = 0\n").find("line 2"), std::string::npos);
}

TEST_F(BenchSuites, an_unknown_suite_offers_the_nearest) {
  try {
    static_cast<void>(read_bench_suite("smal"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_NE(std::string(error.what()).find("Did you mean small?"), std::string::npos);
  }
}

}  // namespace
}  // namespace astrolabe
