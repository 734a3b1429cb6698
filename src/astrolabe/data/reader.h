// SPDX-License-Identifier: Apache-2.0
// A file in, a typed table out. Formats: CSV, TSV, semicolon- or whitespace-separated text (plain, gz, zst),
// Parquet, Feather, JSON lines; pictures as IDX, as CIFAR binary, as folders of PNG and JPEG, or as a column
// of file names. The reading is done in a plug-in that is loaded on first use; typing is ours.
//
//   ReadResult read = read_table("adult.data.gz", {.header = Header::absent}, pool);
//   for (const std::string& note : read.notes) progress.say(note);
//
// Throws bad_input for everything that is wrong with the file, naming line or byte offset where there is one:
// absent, empty, a directory without pictures, header only, ragged rows, invalid UTF-8, a field over 64 MB,
// duplicate column names.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/base/thread_pool.h"
#include "astrolabe/data/table.h"

namespace astrolabe {

enum class Header { detect, present, absent };

// How dates with the year last ("03/04/2024") are to be read. A column settles it over all its rows; a file
// that is read for a model may be too short to, so the model remembers it.
enum class DateOrder { any, day_first, month_first };

// Sets of pictures come in columns of these names: the classes, and where there are such, the files.
inline constexpr std::string_view kPictureColumn = "image", kPictureLabel = "label", kPictureFile = "file";
// A folder, or a file that is named like one of IDX or CIFAR. Nothing is read.
[[nodiscard]] bool is_picture_set(const std::filesystem::path& path);

// Of a set with a test part of its own (t10k-images..., test.bin, a folder test/): which to read. Of others
// both are the whole.
enum class SetPart { train, test };

struct ReadOptions {
  Header header = Header::detect;
  std::map<std::string, ColumnType> types =
      {};                              // --types: typed as told; a cell that does not fit is bad_input
  std::vector<std::string> drop = {};  // --drop: not even typed; an unknown name is bad_input
  // What reading the table and working on it may take: of a text that needs more only some rows are read,
  // drawn with the key, at least about 1,000.
  std::uint64_t memory_bytes = std::numeric_limits<std::uint64_t>::max();
  Key sample_key = {};
  SetPart part = SetPart::train;
};

// How cells were understood, per column, so that it can be said and never guessed silently.
struct ColumnReading {
  std::string name;
  ColumnType type = ColumnType::number;
  std::uint64_t missing = 0;
  std::map<std::string, std::uint64_t> markers =
      {};  // "?" -> 2399, "" -> 12: which spellings were taken as missing
  std::uint64_t infinities = 0;
  bool type_was_told = false;
  DateOrder date_order = DateOrder::any;  // of a datetime column with the year last
};

struct ReadResult {
  Table table;
  std::vector<ColumnReading> columns;
  std::string format;           // "CSV, separated by ',', gzip, no header"
  std::uint64_t file_hash = 0;  // of the bytes on disk
  std::uint64_t file_bytes = 0;
  std::vector<std::string> notes;  // lines for people: detected header, renamed empty names, trimmed cells
  // What the test part of the set is called, whichever was read; empty: there is none.
  std::string test_part = {};
};

[[nodiscard]] ReadResult read_table(const std::filesystem::path& path, const ReadOptions& options,
                                    ThreadPool& pool);

// Reads a file for a model that exists: each column of `wanted` is typed as told, never inferred; a cell that
// does not fit is missing and counted in the notes. Order does not matter, columns that are not wanted are
// left out. Columns in `optional` may be absent (the target, when predicting). A column of `wanted` that is
// absent is bad_input.
struct WantedColumn {
  std::string name;
  ColumnType type = ColumnType::number;
  DateOrder date_order = DateOrder::any;  // from ColumnReading; `any` leaves an open date missing
  ImageShape picture = {};                // pictures are resized to it; empty: as they are
};
[[nodiscard]] ReadResult read_table_as(const std::filesystem::path& path,
                                       const std::vector<WantedColumn>& wanted,
                                       const std::vector<WantedColumn>& optional, const ReadOptions& options,
                                       ThreadPool& pool);

}  // namespace astrolabe
