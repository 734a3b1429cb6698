// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/readers/cifar.h"

#include <algorithm>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include <arrow/buffer.h>
#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/data/readers/byte_source.h"
#include "astrolabe/data/readers/raw_pictures.h"

namespace astrolabe::readers {
namespace {

namespace fs = std::filesystem;

constexpr ImageShape kShape{.height = 32, .width = 32, .channels = 3};
constexpr std::size_t kPlane = 32 * 32;
constexpr std::size_t kPicture = 3 * kPlane;
constexpr std::int64_t kPiece = std::int64_t{1} << 20U;
constexpr std::size_t kMostLabels = 256;

// Unpacked; the larger the files, the sooner it ends.
std::string read_whole(const SourceFile& file, const RawRequest& request,
                       const std::shared_ptr<StreamingHash>& hash) {
  const auto stream =
      std::make_shared<WatchedStream>(open_bytes(file, hash), 0, request.should_stop, Quotes::count);
  std::string bytes;
  while (true) {
    const std::shared_ptr<arrow::Buffer> piece = value_or_throw(stream->Read(kPiece), file.path);
    if (piece->size() == 0) return bytes;
    if (bytes.size() + static_cast<std::size_t>(piece->size()) > request.memory_bytes)
      throw bad_input({.attempted = attempt(file.path),
                       .expected = fmt::format("a batch of at most {}, the memory there is",
                                               format_bytes(request.memory_bytes)),
                       .found = "more",
                       .remedy = "Give more --memory, or fewer pictures to a batch."});
    bytes.append(static_cast<std::string_view>(*piece));
  }
}

// Bytes of a record's labels: that which divides the file, of the files' names where both do.
std::size_t label_bytes(const SourceFile& file, std::size_t bytes) {
  const bool one = bytes > 0 && bytes % (kPicture + 1) == 0;
  const bool two = bytes > 0 && bytes % (kPicture + 2) == 0;
  if (one) return 1;
  if (two) return 2;
  throw bad_input({.attempted = attempt(file.path),
                   .expected = fmt::format("records of {} bytes (CIFAR-10) or {} (CIFAR-100)", kPicture + 1,
                                           kPicture + 2),
                   .found = fmt::format("{} bytes, no multiple of either", format_count(bytes)),
                   .remedy = "Download the binary version again, or check that the file is one of CIFAR."});
}

std::vector<std::string> names_beside(const fs::path& folder, std::size_t labels) {
  std::ifstream stream(folder / (labels == 1 ? "batches.meta.txt" : "fine_label_names.txt"));
  std::vector<std::string> names;
  for (std::string line; names.size() < kMostLabels && std::getline(stream, line);)
    if (const std::string_view name = trim(line); !name.empty()) names.emplace_back(name);
  return names;
}

void add_record(std::string_view record, std::size_t labels, const std::vector<std::string>& names,
                PictureRows& rows) {
  const std::size_t label = static_cast<unsigned char>(record[labels - 1]);
  rows.labels.push_back(label < names.size() ? names[label] : std::to_string(label));
  record.remove_prefix(labels);
  for (std::size_t at = 0; at < kPlane; ++at)
    for (std::size_t colour = 0; colour < 3; ++colour)
      rows.pixels.bytes.push_back(static_cast<std::uint8_t>(record[colour * kPlane + at]));
}

}  // namespace

bool is_named_like_cifar(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.ends_with(".bin") || name.ends_with(".bin.gz");
}

RawRead read_cifar(const std::vector<fs::path>& files, const RawRequest& request) {
  const PictureColumns columns(request, true, false);
  const auto hash = std::make_shared<StreamingHash>();
  std::vector<std::string> notes;
  PictureRows rows{.pixels = {.shape = kShape, .bytes = {}}, .labels = {}, .files = {}};
  std::uint64_t bytes_on_disk = 0;
  Compression compression = Compression::none;
  RawRequest share = request;
  share.memory_bytes /= files.size();
  for (std::size_t i = 0; i < files.size(); ++i) {
    const SourceFile file = inspect_file(files[i]);
    const std::string bytes = read_whole(file, share, hash);
    const std::size_t labels = label_bytes(file, bytes.size());
    const std::vector<std::string> names = names_beside(files[i].parent_path(), labels);
    const std::size_t record = kPicture + labels;
    share.sample_key = request.sample_key.split(i);
    const std::vector<bool> keep = rows_that_fit(share, bytes.size() / record, kPicture, notes);
    rows.pixels.bytes.reserve(rows.pixels.bytes.size() +
                              static_cast<std::size_t>(std::ranges::count(keep, true)) * kPicture);
    for (std::size_t row = 0; row < keep.size(); ++row)
      if (keep[row]) add_record(std::string_view(bytes).substr(row * record, record), labels, names, rows);
    bytes_on_disk += file.bytes;
    compression = file.compression;
  }
  RawRead read = columns.read(std::move(rows));
  read.notes.insert(read.notes.begin(), notes.begin(), notes.end());
  read.format = fmt::format("CIFAR pictures of {}{}", shape_words(kShape), compression_suffix(compression));
  read.file_hash = hash->value();
  read.file_bytes = bytes_on_disk;
  return read;
}

}  // namespace astrolabe::readers
