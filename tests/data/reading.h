// SPDX-License-Identifier: Apache-2.0
// Files for reader tests, and reading them in one call.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <unistd.h>

#include "astrolabe/base/error.h"
#include "astrolabe/data/reader.h"

namespace astrolabe {

// A file that lives as long as the object.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view content, const std::string& name = "table.csv") {
    static int count = 0;
    folder_ = std::filesystem::temp_directory_path() /
              ("astrolabe-reading-" + std::to_string(getpid()) + "-" + std::to_string(count++));
    std::filesystem::create_directories(folder_);
    path_ = folder_ / name;
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~TemporaryFile() { std::filesystem::remove_all(folder_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
  std::filesystem::path path_;
};

inline ReadResult read_file_at(const std::filesystem::path& path, const ReadOptions& options = {}) {
  ThreadPool pool(2);
  return read_table(path, options, pool);
}

inline ReadResult read_text(std::string_view content, const ReadOptions& options = {},
                            const std::string& name = "table.csv") {
  const TemporaryFile file(content, name);
  return read_file_at(file.path(), options);
}

// The message of the bad_input that reading ends with; a test failure when it does not.
inline std::string complaint_about(const std::filesystem::path& path, const ReadOptions& options = {}) {
  try {
    static_cast<void>(read_file_at(path, options));
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input) << error.what();
    return error.what();
  }
  ADD_FAILURE() << path << " was read without complaint";
  return "";
}
inline std::string complaint_about_text(std::string_view content, const ReadOptions& options = {},
                                        const std::string& name = "table.csv") {
  const TemporaryFile file(content, name);
  return complaint_about(file.path(), options);
}

inline bool says(const std::string& message, std::string_view part) {
  return message.find(part) != std::string::npos;
}

// All cells of a column, as a person would write them, with | between them.
inline std::string cells_of(const ReadResult& read, std::string_view name) {
  const Column& column = read.table.require(name, "column");
  std::string cells;
  for (std::size_t row = 0; row < column.rows(); ++row) cells += (row == 0 ? "" : "|") + column.cell(row);
  return cells;
}
inline ColumnType type_of(const ReadResult& read, std::string_view name) {
  return read.table.require(name, "column").type;
}
inline const ColumnReading& reading_of(const ReadResult& read, std::string_view name) {
  return read.columns[*read.table.find(name)];
}
inline bool has_note(const ReadResult& read, std::string_view part) {
  for (const std::string& note : read.notes)
    if (says(note, part)) return true;
  return false;
}

// The folder of a file committed beside the tests.
inline std::filesystem::path fixture(const std::string& name) {
  return std::filesystem::path(ASTROLABE_TEST_FIXTURES) / name;
}

}  // namespace astrolabe
