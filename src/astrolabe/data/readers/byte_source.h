// SPDX-License-Identifier: Apache-2.0
// A file as a stream of bytes: looked at first, then opened as often as needed, decompressed on the way.
//
//   const SourceFile file = inspect_file("adult.data.gz");          // throws bad_input
//   auto stream = open_bytes(file);                                 // decompressed
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <arrow/io/interfaces.h>
#include <arrow/result.h>
#include <arrow/status.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/hash.h"

namespace astrolabe::readers {

enum class Compression { none, gzip, zstd };

[[nodiscard]] std::string_view compression_suffix(Compression compression);  // "", ", gzip", ", Zstandard"

struct SourceFile {
  std::filesystem::path path;
  std::uint64_t bytes = 0;  // on disk
  Compression compression = Compression::none;
  std::string magic;  // the first bytes on disk
};

// Throws bad_input: absent, a directory, unreadable, empty, or packed in a way that is not read (zip, bzip2,
// xz).
[[nodiscard]] SourceFile inspect_file(const std::filesystem::path& path);

// The bytes after decompression. With a hash, the bytes on disk are added to it as they are read.
[[nodiscard]] std::shared_ptr<arrow::io::InputStream> open_bytes(
    const SourceFile& file, const std::shared_ptr<StreamingHash>& hash = nullptr);

// Up to `bytes` of the beginning, decompressed.
[[nodiscard]] std::string read_beginning(const SourceFile& file, std::size_t bytes);

// Hash of the bytes on disk, reading them.
[[nodiscard]] std::uint64_t hash_file(const SourceFile& file);

// Calls take(piece) over all bytes, decompressed, until it returns false.
void for_each_piece(const SourceFile& file, const std::function<bool(std::string_view)>& take);

// Arrow's status as an error of ours; never called with OK.
[[nodiscard]] Error error_of(const arrow::Status& status, const std::filesystem::path& path);
// What Arrow says, as a phrase: its first line without the full stop.
[[nodiscard]] std::string phrase_of(const arrow::Status& status);
[[nodiscard]] std::string attempt(const std::filesystem::path& path);

// The value, or the error thrown.
template <typename T>
[[nodiscard]] T value_or_throw(arrow::Result<T> result, const std::filesystem::path& path) {
  if (!result.ok()) throw error_of(result.status(), path);
  return std::move(result).ValueUnsafe();
}

enum class Quotes {
  refuse,  // end with Invalid at the first one
  count
};

// Passes another stream on after its first `skip` bytes. Ends with Cancelled when asked to stop.
class WatchedStream : public arrow::io::InputStream {
 public:
  WatchedStream(std::shared_ptr<arrow::io::InputStream> inner, std::uint64_t skip,
                std::function<bool()> should_stop, Quotes quotes);

  [[nodiscard]] std::uint64_t quotes_seen() const { return quotes_seen_; }

  arrow::Status Close() override { return inner_->Close(); }
  [[nodiscard]] bool closed() const override { return inner_->closed(); }
  [[nodiscard]] arrow::Result<std::int64_t> Tell() const override { return position_; }
  arrow::Result<std::int64_t> Read(std::int64_t bytes, void* out) override;
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(std::int64_t bytes) override;

 private:
  arrow::Status prepare();
  arrow::Status watch(std::string_view bytes);

  std::shared_ptr<arrow::io::InputStream> inner_;
  std::uint64_t skip_;
  std::function<bool()> should_stop_;
  Quotes quotes_;
  std::atomic<std::uint64_t> quotes_seen_ = 0;
  std::int64_t position_ = 0;
};

}  // namespace astrolabe::readers
