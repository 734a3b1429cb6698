// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/base/file.h"

#include <functional>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

namespace fs = std::filesystem;

class FileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "astrolabe-file-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  [[nodiscard]] std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  fs::path folder_;
};
using ReadFile = FileTest;
using WriteFileAtomically = FileTest;
using CreateNewFolder = FileTest;

void expect_error(ErrorKind kind, const std::string& message, const std::function<void()>& action) {
  try {
    action();
    FAIL() << "expected: " << message;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind);
    EXPECT_EQ(error.what(), message);
  }
}

TEST_F(ReadFile, gives_back_what_was_written) {
  std::string bytes(300'000, 'x');
  bytes[7] = '\0';
  write_file_atomically(folder_ / "a", bytes);
  EXPECT_EQ(read_file(folder_ / "a", "model file"), bytes);
  EXPECT_EQ(read_file(folder_ / "a", "model file", bytes.size()), bytes);
  write_file_atomically(folder_ / "empty", "");
  EXPECT_EQ(read_file(folder_ / "empty", "model file"), "");
}

TEST_F(ReadFile, names_what_is_absent) {
  expect_error(
      ErrorKind::bad_input,
      "reading the model file /nowhere/a: expected a readable file, found No such file or directory. "
      "Check the path and its permissions.",
      [] { (void)read_file("/nowhere/a", "model file"); });
}

TEST_F(ReadFile, refuses_a_directory) {
  expect_error(ErrorKind::bad_input,
               "reading the model file " + folder_.string() +
                   ": expected a readable file, found a directory. Check the path and its permissions.",
               [&] { (void)read_file(folder_, "model file"); });
}

TEST_F(ReadFile, refuses_more_than_the_limit) {
  write_file_atomically(folder_ / "a", std::string(2049, 'x'));
  expect_error(ErrorKind::bad_input,
               "reading the model file " + (folder_ / "a").string() +
                   ": expected at most 2.0 KB, found more. Is this the right file for the model file?",
               [&] { (void)read_file(folder_ / "a", "model file", 2048); });
  EXPECT_THROW((void)read_file("/dev/zero", "model file", 2048), Error);
}

TEST_F(WriteFileAtomically, replaces_the_old_file_and_leaves_nothing_beside_it) {
  write_file_atomically(folder_ / "a", "old");
  write_file_atomically(folder_ / "a", "new");
  EXPECT_EQ(read_file(folder_ / "a", "file"), "new");
  EXPECT_EQ(entries(), 1U);
}

TEST_F(WriteFileAtomically, keeps_the_permissions_of_the_old_file) {
  write_file_atomically(folder_ / "a", "old");
  fs::permissions(folder_ / "a", fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
  write_file_atomically(folder_ / "a", "new");
  EXPECT_EQ(fs::status(folder_ / "a").permissions(),
            fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
}

TEST_F(WriteFileAtomically, gives_a_new_file_the_usual_permissions) {
  const mode_t mask = umask(027);
  write_file_atomically(folder_ / "a", "new");
  umask(mask);
  EXPECT_EQ(static_cast<unsigned>(fs::status(folder_ / "a").permissions()), 0640U);
}

TEST_F(WriteFileAtomically, writes_through_a_symbolic_link) {
  write_file_atomically(folder_ / "a", "old");
  fs::create_symlink("a", folder_ / "link");
  write_file_atomically(folder_ / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_EQ(read_file(folder_ / "a", "file"), "new");
}

TEST_F(WriteFileAtomically, accepts_the_longest_name) {
  const fs::path path = folder_ / std::string(255, 'n');
  write_file_atomically(path, "new");
  EXPECT_EQ(read_file(path, "file"), "new");
}

TEST_F(WriteFileAtomically, accepts_a_name_without_a_folder) {
  const fs::path before = fs::current_path();
  fs::current_path(folder_);
  write_file_atomically("bare", "new");
  fs::current_path(before);
  EXPECT_EQ(read_file(folder_ / "bare", "file"), "new");
}

TEST_F(WriteFileAtomically, reports_a_full_device_and_does_not_replace_it) {
  if (!fs::is_character_file("/dev/full")) GTEST_SKIP() << "this system has no /dev/full";
  expect_error(
      ErrorKind::failure,
      "writing /dev/full: No space left on device. Free some space or choose another place; what was "
      "there before is untouched.",
      [] { write_file_atomically("/dev/full", "new"); });
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

TEST_F(WriteFileAtomically, reports_an_absent_folder) {
  EXPECT_THROW(write_file_atomically(folder_ / "absent" / "a", "new"), Error);
  EXPECT_EQ(entries(), 0U);
}

TEST_F(WriteFileAtomically, refuses_to_replace_a_folder) {
  expect_error(
      ErrorKind::failure,
      "writing " + folder_.string() +
          ": Is a directory. Free some space or choose another place; what was there before is untouched.",
      [&] { write_file_atomically(folder_, "new"); });
}

TEST_F(CreateNewFolder, makes_parents_too) {
  create_new_folder(folder_ / "runs" / "adult");
  EXPECT_TRUE(fs::is_directory(folder_ / "runs" / "adult"));
  create_new_folder(folder_ / "runs" / "slash" / "");
  EXPECT_TRUE(fs::is_directory(folder_ / "runs" / "slash"));
}

TEST_F(CreateNewFolder, refuses_an_existing_one) {
  expect_error(
      ErrorKind::usage,
      "creating the folder " + folder_.string() +
          ": expected a folder that does not exist yet, found an existing one. Choose another name, or "
          "move the old one away: nothing is overwritten.",
      [&] { create_new_folder(folder_); });
}

TEST_F(CreateNewFolder, reports_a_parent_that_is_a_file) {
  write_file_atomically(folder_ / "a", "file");
  expect_error(ErrorKind::failure,
               "creating the folder " + (folder_ / "a" / "b").string() +
                   ": Not a directory. Check the permissions, or choose another place.",
               [&] { create_new_folder(folder_ / "a" / "b"); });
}

}  // namespace
}  // namespace astrolabe
