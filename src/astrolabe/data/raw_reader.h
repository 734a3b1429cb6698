// SPDX-License-Identifier: Apache-2.0
// The door between this module and the plug-in that knows the file formats (data/readers). Bytes come out as
// a RawTable; no type of Apache Arrow passes through.
//
//   RawRequest request;
//   request.choose = [](const auto& names) { return std::vector<bool>(names.size(), true); };
//   RawRead read = raw_reader().read("adult.data.gz", request);
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/data/raw_table.h"
#include "astrolabe/data/reader.h"

namespace astrolabe {

struct RawRequest {
  Header header = Header::detect;
  // Names the table is expected to have. Under Header::detect, a first row that holds one of them is a
  // header.
  std::vector<std::string> known_names = {};
  // Gets the names in file order, says which columns to read (one flag per name). May throw.
  std::function<std::vector<bool>(const std::vector<std::string>& names)> choose;
  // Asked now and then; the reading ends with `cancelled` when it says yes. May be empty.
  std::function<bool()> should_stop;
  std::size_t threads = 1;
  // As of ReadOptions.
  std::uint64_t memory_bytes = std::numeric_limits<std::uint64_t>::max();
  Key sample_key = {};
  SetPart part = SetPart::train;
  // Columns of pictures that are wanted, and their shape (empty: as the pictures are).
  std::map<std::string, ImageShape> pictures = {};
};

struct RawRead {
  RawTable table;
  std::string format;
  std::uint64_t file_hash = 0;
  std::uint64_t file_bytes = 0;
  std::vector<std::string> notes;
  // The line (from 1) on which a row (from 0) begins; empty for formats without lines. Reads the file again.
  std::function<std::uint64_t(std::size_t row)> line_of_row;
  std::string test_part = {};  // as of ReadResult
};

// Files of PNG and JPEG, to be read as pictures of one shape.
struct PictureRequest {
  ImageShape shape = {};  // empty: the median of their sizes, at most 64 pixels to a side
  std::uint64_t memory_bytes = std::numeric_limits<std::uint64_t>::max();
  std::function<bool()> should_stop;
  std::size_t threads = 1;
};
struct PictureRead {
  Pixels pixels;                    // [files]; 0 where there is a fault
  std::vector<std::string> faults;  // [files] why it could not be read, as a phrase; empty where it could
  std::vector<std::string> notes;   // what was resized
  std::uint64_t hash = 0;           // of the bytes on disk
};

// A table that comes in pieces of a few megabytes.
class RawBatches {
 public:
  virtual ~RawBatches() = default;
  // The next piece overwrites `table`; false at the end. Throws bad_input.
  [[nodiscard]] virtual bool next(RawTable& table) = 0;
};

// Thread-safe; has no state.
class RawReader {
 public:
  virtual ~RawReader() = default;
  // Throws bad_input (see reader.h).
  [[nodiscard]] virtual RawRead read(const std::filesystem::path& path, const RawRequest& request) const = 0;
  // The rows of a text that read() leaves out for this request, which chooses as many columns; null where it
  // leaves out none. Throws bad_input.
  [[nodiscard]] virtual std::unique_ptr<RawBatches> open_rest(const std::filesystem::path& path,
                                                              const RawRequest& request) const = 0;
  // Never throws for what is wrong with a file.
  [[nodiscard]] virtual PictureRead read_pictures(std::span<const std::filesystem::path> files,
                                                  const PictureRequest& request) const = 0;
  // Gives back what reading took and nobody uses any more.
  virtual void release_memory() const = 0;
};

// Loads the plug-in on first use and keeps it. It is looked for beside the program (or the library) that
// this code is part of, one folder above, and in ../lib/astrolabe. Throws `failure` when it is not there.
[[nodiscard]] const RawReader& raw_reader();

// What the plug-in exports: `const RawReader* astrolabe_raw_reader_3()`. The number is the version of this
// header.
inline constexpr char kRawReaderLibrary[] = "astrolabe_readers.so";
inline constexpr char kRawReaderSymbol[] = "astrolabe_raw_reader_3";

}  // namespace astrolabe
