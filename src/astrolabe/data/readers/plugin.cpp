// SPDX-License-Identifier: Apache-2.0
// The plug-in's door: which format a file has, and who reads it.
#include <algorithm>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include <arrow/memory_pool.h>
#include <arrow/util/thread_pool.h>
#include <parquet/exception.h>

#include "astrolabe/data/raw_reader.h"
#include "astrolabe/data/raw_writer.h"
#include "astrolabe/data/readers/byte_source.h"
#include "astrolabe/data/readers/cifar.h"
#include "astrolabe/data/readers/columnar.h"
#include "astrolabe/data/readers/csv.h"
#include "astrolabe/data/readers/idx.h"
#include "astrolabe/data/readers/json_lines.h"
#include "astrolabe/data/readers/memory_failure.h"
#include "astrolabe/data/readers/parquet_writer.h"
#include "astrolabe/data/readers/picture.h"
#include "astrolabe/data/readers/picture_files.h"
#include "astrolabe/data/readers/picture_set.h"
#include "astrolabe/data/readers/text_encoding.h"

namespace astrolabe::readers {
namespace {

constexpr std::size_t kGlance = 4096;

Error unread_format(const SourceFile& file, std::string found, std::string remedy) {
  return bad_input({.attempted = attempt(file.path),
                    .expected = "text, Parquet, Feather or JSON lines",
                    .found = std::move(found),
                    .remedy = std::move(remedy)});
}

// A brace, and then a quoted key or a brace: no header of a text table begins so.
bool is_object_start(std::string_view text) {
  const std::size_t next = text.find_first_not_of(" \t", 1);
  return next != std::string_view::npos && (text[next] == '"' || text[next] == '}');
}

bool is_named_json(const SourceFile& file) {
  const std::string name = file.path.filename().string();
  return name.find(".json") != std::string::npos || name.find(".ndjson") != std::string::npos;
}

std::string_view opening_of(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
}

bool is_json_lines(const SourceFile& file, std::string_view beginning) {
  const std::string_view opening = opening_of(beginning);
  return opening.starts_with('{') && (is_named_json(file) || is_object_start(opening));
}

// By content first; the name's ending says only what a text that begins with { or [ was meant to be.
RawRead read_by_content(const SourceFile& file, const RawRequest& request) {
  if (file.magic.starts_with("PAR1")) return read_parquet(file, request);
  if (file.magic.starts_with("PARE"))
    throw unread_format(file, "an encrypted Parquet file", "Decrypt it first.");
  if (file.magic.starts_with("ARROW1")) return read_feather(file, request);
  if (file.magic.starts_with("FEA1"))
    throw unread_format(file, "a Feather file of version 1", "Write it again as Feather version 2.");

  if (picture_format(file.magic) != PictureFormat::none) return read_one_picture(file.path, request);

  const std::string beginning = read_beginning(file, kGlance);
  if (is_idx(beginning)) return read_idx(file, request);
  if (is_named_like_cifar(file.path)) return read_cifar({file.path}, request);
  require_text(file, beginning);
  if (opening_of(beginning).starts_with('[') && is_named_json(file))
    throw unread_format(file, "a JSON array",
                        "Write one object per line (JSON lines), without the brackets.");
  if (is_json_lines(file, beginning)) return read_json_lines(file, request);
  return read_csv(file, request);
}

class ArrowReader : public RawReader {
 public:
  [[nodiscard]] RawRead read(const std::filesystem::path& path, const RawRequest& request) const override {
    end_in_words_without_memory();
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) return read_picture_folder(path, request);
    const SourceFile file = inspect_file(path);
    const arrow::Status threads =
        arrow::SetCpuThreadPoolCapacity(static_cast<int>(std::clamp<std::size_t>(request.threads, 1, 1024)));
    if (!threads.ok()) throw error_of(threads, path);
    try {
      return read_by_content(file, request);
    } catch (const std::bad_alloc&) {
      throw error_of(arrow::Status::OutOfMemory("not enough memory"), path);
    } catch (const parquet::ParquetException& damage) {
      throw error_of(arrow::Status::Invalid(damage.what()), path);
    }
  }
  [[nodiscard]] std::unique_ptr<RawBatches> open_rest(const std::filesystem::path& path,
                                                      const RawRequest& request) const override {
    end_in_words_without_memory();
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) return nullptr;  // read as a whole, as what follows is
    const SourceFile file = inspect_file(path);
    if (is_idx(read_beginning(file, 4)) || is_named_like_cifar(path) ||
        picture_format(file.magic) != PictureFormat::none)
      return nullptr;
    try {
      if (file.magic.starts_with("PAR1")) return open_rest_of_parquet(file, request);
      if (file.magic.starts_with("ARROW1")) return open_rest_of_feather(file, request);
    } catch (const parquet::ParquetException& damage) {
      throw error_of(arrow::Status::Invalid(damage.what()), path);
    }
    if (file.magic.starts_with("PAR") || file.magic.starts_with("FEA") ||
        is_json_lines(file, read_beginning(file, kGlance)))
      return nullptr;
    return open_rest_of_csv(file, request);
  }
  [[nodiscard]] PictureRead read_pictures(std::span<const std::filesystem::path> files,
                                          const PictureRequest& request) const override {
    return read_picture_files(files, request);
  }
  void release_memory() const override { arrow::default_memory_pool()->ReleaseUnused(); }
};

class ArrowWriter : public RawWriter {
 public:
  [[nodiscard]] std::string encode_parquet(std::span<const OutputColumn> columns) const override {
    end_in_words_without_memory();
    return readers::encode_parquet(columns);
  }
};

}  // namespace
}  // namespace astrolabe::readers

extern "C" __attribute__((visibility("default"))) const astrolabe::RawReader* astrolabe_raw_reader_3() {
  static const astrolabe::readers::ArrowReader reader;
  return &reader;
}

extern "C" __attribute__((visibility("default"))) const astrolabe::RawWriter* astrolabe_raw_writer_1() {
  static const astrolabe::readers::ArrowWriter writer;
  return &writer;
}
