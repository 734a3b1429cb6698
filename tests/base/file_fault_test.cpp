// SPDX-License-Identifier: Apache-2.0
// write_file_atomically while every single system call goes wrong in turn, in a process of its own.
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <tuple>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include "astrolabe/base/file.h"

namespace astrolabe {
namespace {

namespace fs = std::filesystem;

constexpr int kDied = 42;
constexpr int kNothingHappened = 10;
constexpr std::size_t kSize = 4500;  // five writes of the shim
const std::string kOld(3000, 'o');
const std::string kNew(kSize, 'n');

// Call, kind of fault, whether an old file is there.
class FileFault : public testing::TestWithParam<std::tuple<std::string, std::string, bool>> {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "astrolabe-fault-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  // Runs the writer with a fault at the given call; returns its exit code.
  [[nodiscard]] int write_with_fault(int at) {
    fs::remove_all(folder_);
    fs::create_directory(folder_);
    if (std::get<2>(GetParam())) write_file_atomically(target(), kOld);
    const std::string command = fmt::format(
        "LD_PRELOAD='{}' ASAN_OPTIONS=verify_asan_link_order=0 FAULT_CALL={} FAULT_KIND={} FAULT_AT={} '{}' "
        "'{}' {} "
        "2>'{}'",
        FAULT_SHIM, std::get<0>(GetParam()), std::get<1>(GetParam()), at, WRITE_ONCE, target().string(),
        kSize, message_file().string());
    const int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  [[nodiscard]] fs::path target() const { return folder_ / "model.astro"; }
  [[nodiscard]] fs::path message_file() const { return folder_.string() + ".message"; }
  [[nodiscard]] std::string content() const {
    return fs::exists(target()) ? read_file(target(), "file") : "";
  }
  [[nodiscard]] std::set<std::string> names() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_)) names.insert(entry.path().filename());
    return names;
  }

  fs::path folder_;
};

TEST_P(FileFault, leaves_the_old_file_or_the_new_one_and_nothing_else) {
  const auto& [call, kind, had_old] = GetParam();
  const std::string old = had_old ? kOld : "";
  const bool harmless = kind == "EINTR" || kind == "short";
  int at = 1;
  for (;; ++at) {
    SCOPED_TRACE(fmt::format("{} number {} with {}", call, at, kind));
    const int code = write_with_fault(at);
    const std::string now = content();
    EXPECT_TRUE(now == kNew || now == old) << "a half-written file of " << now.size() << " bytes";
    if (code == kNothingHappened) break;
    ASSERT_LT(at, 20) << "the calls never end";
    if (kind == "die") {
      EXPECT_EQ(code, kDied);
      continue;
    }
    EXPECT_EQ(names(), now.empty() ? std::set<std::string>{} : std::set<std::string>{"model.astro"});
    EXPECT_TRUE(code != 0 || now == kNew);
    if (harmless) {
      EXPECT_EQ(code, 0);
    } else if (call != "close") {
      EXPECT_EQ(code, 1);
      const std::string message = read_file(message_file(), "message");
      EXPECT_NE(message.find(kind == "EIO" ? "Input/output error" : "No space left on device"),
                std::string::npos)
          << message;
    }
  }
  EXPECT_EQ(content(), kNew);
  EXPECT_GT(at, 1) << "the fault never happened";
  fs::remove(message_file());
}

std::string name_of(const testing::TestParamInfo<FileFault::ParamType>& info) {
  const auto& [call, kind, had_old] = info.param;
  return fmt::format("{}_{}_{}", call, kind, had_old ? "over_an_old_file" : "where_nothing_was");
}

INSTANTIATE_TEST_SUITE_P(AnyCall, FileFault,
                         testing::Combine(testing::Values("open", "write", "fsync", "rename", "close"),
                                          testing::Values("ENOSPC", "EIO", "EINTR", "die"), testing::Bool()),
                         name_of);
INSTANTIATE_TEST_SUITE_P(ShortWrite, FileFault,
                         testing::Combine(testing::Values("write"), testing::Values("short"),
                                          testing::Bool()),
                         name_of);

}  // namespace
}  // namespace astrolabe
