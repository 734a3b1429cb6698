// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/readers/byte_source.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>
#include <utility>

#include <arrow/buffer.h>
#include <arrow/io/compressed.h>
#include <arrow/io/file.h>
#include <arrow/util/compression.h>
#include <fmt/format.h>

namespace astrolabe::readers {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kPieceBytes = std::int64_t{1} << 20;

struct Packing {
  std::string_view magic;
  std::string_view name;
};
constexpr std::array<Packing, 5> kUnreadPackings = {{{std::string_view("PK\x03\x04", 4), "a zip archive"},
                                                     {"BZh", "bzip2"},
                                                     {std::string_view("\xFD"
                                                                       "7zXZ",
                                                                       5),
                                                      "xz"},
                                                     {std::string_view("7z\xBC\xAF", 4), "a 7-zip archive"},
                                                     {"Rar!", "a RAR archive"}}};

// Hashes what passes through.
class HashedStream : public arrow::io::InputStream {
 public:
  HashedStream(std::shared_ptr<arrow::io::InputStream> inner, std::shared_ptr<StreamingHash> hash)
      : inner_(std::move(inner)), hash_(std::move(hash)) {}

  arrow::Status Close() override { return inner_->Close(); }
  [[nodiscard]] bool closed() const override { return inner_->closed(); }
  [[nodiscard]] arrow::Result<std::int64_t> Tell() const override { return inner_->Tell(); }
  arrow::Result<std::int64_t> Read(std::int64_t bytes, void* out) override {
    ARROW_ASSIGN_OR_RAISE(const std::int64_t count, inner_->Read(bytes, out));
    hash_->add(out, static_cast<std::size_t>(count));
    return count;
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(std::int64_t bytes) override {
    ARROW_ASSIGN_OR_RAISE(std::shared_ptr<arrow::Buffer> buffer, inner_->Read(bytes));
    hash_->add(buffer->data(), static_cast<std::size_t>(buffer->size()));
    return buffer;
  }

 private:
  std::shared_ptr<arrow::io::InputStream> inner_;
  std::shared_ptr<StreamingHash> hash_;
};

}  // namespace

std::string_view compression_suffix(Compression compression) {
  switch (compression) {
    case Compression::none:
      return "";
    case Compression::gzip:
      return ", gzip";
    case Compression::zstd:
      return ", Zstandard";
  }
  return "";
}

std::string phrase_of(const arrow::Status& status) {
  std::string phrase = status.message();
  phrase.erase(std::min(phrase.find('\n'), phrase.size()));
  while (phrase.ends_with('.')) phrase.pop_back();
  return phrase;
}

std::string attempt(const fs::path& path) {
  return "reading " + path.string();
}

Error error_of(const arrow::Status& status, const fs::path& path) {
  if (status.IsCancelled())
    return cancelled({.attempted = attempt(path),
                      .expected = "time to finish",
                      .found = "a request to stop",
                      .remedy = "Nothing was written."});
  if (status.IsOutOfMemory())
    return failure({.attempted = attempt(path),
                    .expected = "enough memory",
                    .found = phrase_of(status),
                    .remedy = "Read fewer columns (--drop), or use a machine with more memory."});
  return bad_input({.attempted = attempt(path),
                    .expected = "a whole, undamaged file",
                    .found = phrase_of(status),
                    .remedy = "Write or download the file again."});
}

SourceFile inspect_file(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status))
    throw bad_input({.attempted = attempt(path),
                     .expected = "a file",
                     .found = "nothing of that name",
                     .remedy = "Check the path."});
  if (fs::is_directory(status))
    throw bad_input({.attempted = attempt(path),
                     .expected = "a file",
                     .found = "a directory",
                     .remedy = "Name one of the files in it."});
  if (!fs::is_regular_file(status))
    throw bad_input({.attempted = attempt(path),
                     .expected = "a regular file, which can be read more than once",
                     .found = "a pipe or a device",
                     .remedy = "Write the data to a file first."});
  std::ifstream stream(path, std::ios::binary);
  if (!stream)
    throw bad_input({.attempted = attempt(path),
                     .expected = "a file that can be opened",
                     .found = std::strerror(errno),
                     .remedy = "Check its permissions."});
  SourceFile file;
  file.path = path;
  file.bytes = fs::file_size(path, error);
  file.magic.resize(16);
  stream.read(file.magic.data(), static_cast<std::streamsize>(file.magic.size()));
  file.magic.resize(static_cast<std::size_t>(stream.gcount()));
  if (file.magic.empty())
    throw bad_input({.attempted = attempt(path),
                     .expected = "a table",
                     .found = "an empty file",
                     .remedy = "Write the data again."});
  for (const Packing& packing : kUnreadPackings)
    if (file.magic.starts_with(packing.magic))
      throw bad_input({.attempted = attempt(path),
                       .expected = "a plain file, gzip or Zstandard",
                       .found = std::string(packing.name),
                       .remedy = "Unpack it first."});
  if (file.magic.starts_with("\x1F\x8B")) file.compression = Compression::gzip;
  if (file.magic.starts_with("\x28\xB5\x2F\xFD")) file.compression = Compression::zstd;
  return file;
}

std::shared_ptr<arrow::io::InputStream> open_bytes(const SourceFile& file,
                                                   const std::shared_ptr<StreamingHash>& hash) {
  std::shared_ptr<arrow::io::InputStream> stream =
      value_or_throw(arrow::io::ReadableFile::Open(file.path.string()), file.path);
  if (hash) stream = std::make_shared<HashedStream>(std::move(stream), hash);
  if (file.compression == Compression::none) return stream;
  // The stream does not keep its codec alive; both codecs have no state of their own and live for ever.
  static const std::unique_ptr<arrow::util::Codec> gzip =
      arrow::util::Codec::Create(arrow::Compression::GZIP).ValueOrDie();
  static const std::unique_ptr<arrow::util::Codec> zstd =
      arrow::util::Codec::Create(arrow::Compression::ZSTD).ValueOrDie();
  arrow::util::Codec* codec = file.compression == Compression::gzip ? gzip.get() : zstd.get();
  return value_or_throw(arrow::io::CompressedInputStream::Make(codec, stream), file.path);
}

std::string read_beginning(const SourceFile& file, std::size_t bytes) {
  std::string beginning;
  for_each_piece(file, [&](std::string_view piece) {
    beginning.append(piece.substr(0, bytes - beginning.size()));
    return beginning.size() < bytes;
  });
  return beginning;
}

std::uint64_t hash_file(const SourceFile& file) {
  SourceFile on_disk = file;
  on_disk.compression = Compression::none;
  StreamingHash hash;
  for_each_piece(on_disk, [&](std::string_view piece) {
    hash.add(piece.data(), piece.size());
    return true;
  });
  return hash.value();
}

void for_each_piece(const SourceFile& file, const std::function<bool(std::string_view)>& take) {
  const std::shared_ptr<arrow::io::InputStream> stream = open_bytes(file);
  while (true) {
    const std::shared_ptr<arrow::Buffer> piece = value_or_throw(stream->Read(kPieceBytes), file.path);
    if (piece->size() == 0 || !take(static_cast<std::string_view>(*piece))) return;
  }
}

WatchedStream::WatchedStream(std::shared_ptr<arrow::io::InputStream> inner, std::uint64_t skip,
                             std::function<bool()> should_stop, Quotes quotes)
    : inner_(std::move(inner)), skip_(skip), should_stop_(std::move(should_stop)), quotes_(quotes) {}

arrow::Status WatchedStream::prepare() {
  if (should_stop_ && should_stop_()) return arrow::Status::Cancelled("asked to stop");
  while (skip_ > 0) {
    ARROW_ASSIGN_OR_RAISE(
        const std::shared_ptr<arrow::Buffer> skipped,
        inner_->Read(static_cast<std::int64_t>(std::min<std::uint64_t>(skip_, kPieceBytes))));
    if (skipped->size() == 0) break;
    skip_ -= static_cast<std::uint64_t>(skipped->size());
  }
  return arrow::Status::OK();
}

arrow::Status WatchedStream::watch(std::string_view bytes) {
  position_ += static_cast<std::int64_t>(bytes.size());
  if (quotes_ == Quotes::refuse && std::memchr(bytes.data(), '"', bytes.size()) == nullptr)
    return arrow::Status::OK();
  quotes_seen_ += static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '"'));
  if (quotes_ == Quotes::count) return arrow::Status::OK();
  return arrow::Status::Invalid("a quote");
}

arrow::Result<std::int64_t> WatchedStream::Read(std::int64_t bytes, void* out) {
  ARROW_RETURN_NOT_OK(prepare());
  ARROW_ASSIGN_OR_RAISE(const std::int64_t count, inner_->Read(bytes, out));
  ARROW_RETURN_NOT_OK(watch({static_cast<const char*>(out), static_cast<std::size_t>(count)}));
  return count;
}

arrow::Result<std::shared_ptr<arrow::Buffer>> WatchedStream::Read(std::int64_t bytes) {
  ARROW_RETURN_NOT_OK(prepare());
  ARROW_ASSIGN_OR_RAISE(std::shared_ptr<arrow::Buffer> buffer, inner_->Read(bytes));
  ARROW_RETURN_NOT_OK(watch(static_cast<std::string_view>(*buffer)));
  return buffer;
}

}  // namespace astrolabe::readers
