// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/readers/idx.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <arrow/buffer.h>
#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/data/readers/raw_pictures.h"

namespace astrolabe::readers {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostDimensions = 4;
constexpr std::size_t kMostPerPicture = std::size_t{1} << 26U;
constexpr std::int64_t kPiece = std::int64_t{1} << 20U;

struct Header {
  std::vector<std::uint64_t> sizes;  // as many as there are dimensions
  std::size_t bytes = 0;             // of the header
};

Error wrong(const SourceFile& file, std::string expected, std::string found,
            std::string remedy = "Write or download the file again.") {
  return bad_input({.attempted = attempt(file.path),
                    .expected = std::move(expected),
                    .found = std::move(found),
                    .remedy = std::move(remedy)});
}

Header read_header(const SourceFile& file) {
  const std::string beginning = read_beginning(file, 4 + 4 * kMostDimensions);
  const auto byte = [&](std::size_t at) {
    return at < beginning.size() ? std::uint64_t{static_cast<unsigned char>(beginning[at])} : 0;
  };
  if (!is_idx(beginning)) throw wrong(file, "an IDX file", "other first bytes than 00 00 08 01 to 04");
  if (byte(2) != 8)
    throw wrong(file, "IDX of unsigned bytes (type 08)", fmt::format("elements of type {:02x}", byte(2)),
                "Write the pictures as unsigned bytes.");
  Header header{.sizes = {}, .bytes = 4 + 4 * byte(3)};
  if (beginning.size() < header.bytes) throw wrong(file, "an IDX header", "the end of the file within it");
  for (std::size_t at = 4; at < header.bytes; at += 4)
    header.sizes.push_back(byte(at) << 24U | byte(at + 1) << 16U | byte(at + 2) << 8U | byte(at + 3));
  return header;
}

// Calls take(bytes) over all that follows the header, which must be `expected` bytes.
template <class Take>
void read_elements(const SourceFile& file, const Header& header, std::uint64_t expected,
                   const RawRequest& request, const std::shared_ptr<StreamingHash>& hash, Take take) {
  const auto stream = std::make_shared<WatchedStream>(open_bytes(file, hash), header.bytes,
                                                      request.should_stop, Quotes::count);
  std::uint64_t seen = 0;
  while (true) {
    const std::shared_ptr<arrow::Buffer> piece = value_or_throw(stream->Read(kPiece), file.path);
    if (piece->size() == 0) break;
    seen += static_cast<std::uint64_t>(piece->size());
    if (seen > expected)
      throw wrong(file, fmt::format("{} bytes after the header, as it says", format_count(expected)), "more");
    take(static_cast<std::string_view>(*piece));
  }
  if (seen < expected)
    throw wrong(file, fmt::format("{} bytes after the header, as it says", format_count(expected)),
                format_count(seen));
}

ImageShape shape_of(const SourceFile& file, const Header& header) {
  const std::uint64_t channels = header.sizes.size() == 4 ? header.sizes[3] : 1;
  const bool is_small = header.sizes[1] <= kMostPerPicture && header.sizes[2] <= kMostPerPicture;
  const std::uint64_t size = is_small ? header.sizes[1] * header.sizes[2] * channels : kMostPerPicture + 1;
  if (size == 0 || size > kMostPerPicture || (channels != 1 && channels != 3))
    throw wrong(file,
                fmt::format("pictures of 1 to {} bytes, of 1 or 3 channels", format_count(kMostPerPicture)),
                fmt::format("{} x {} of {}", header.sizes[2], header.sizes[1], channels));
  if (header.sizes[0] == 0) throw wrong(file, "pictures", "none");
  return {.height = header.sizes[1], .width = header.sizes[2], .channels = channels};
}

// Of pictures that lie one after the other, those to keep.
class Kept {
 public:
  Kept(std::vector<bool> keep, std::size_t size) : keep_(std::move(keep)), size_(size) {}
  void take(std::string_view piece, std::vector<std::uint8_t>& bytes) {
    while (!piece.empty()) {
      const std::size_t count = std::min(piece.size(), size_ - at_ % size_);
      if (keep_[at_ / size_])
        bytes.insert(bytes.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(count));
      at_ += count;
      piece.remove_prefix(count);
    }
  }

 private:
  std::vector<bool> keep_;
  std::size_t size_;
  std::size_t at_ = 0;
};

std::optional<fs::path> labels_beside(const fs::path& pictures) {
  std::string name = pictures.filename().string();
  const std::size_t word = name.find("images");
  if (word == std::string::npos) return std::nullopt;
  name.replace(word, 6, "labels");
  for (const std::string_view idx : {"idx3", "idx4"})
    if (const std::size_t at = name.find(idx); at != std::string::npos) name.replace(at, 4, "idx1");
  const std::string other = name.ends_with(".gz") ? name.substr(0, name.size() - 3) : name + ".gz";
  for (const std::string& each : {name, other}) {
    fs::path path = pictures.parent_path() / each;
    std::error_code error;
    if (fs::is_regular_file(path, error)) return path;
  }
  return std::nullopt;
}

std::vector<std::string> read_labels(const SourceFile& file, const std::vector<bool>& keep,
                                     const RawRequest& request, const std::shared_ptr<StreamingHash>& hash) {
  const Header header = read_header(file);
  if (header.sizes.size() != 1)
    throw wrong(file, "IDX of labels, of one dimension", fmt::format("{} dimensions", header.sizes.size()));
  if (header.sizes[0] != keep.size())
    throw wrong(file, fmt::format("{} labels, one for each picture", format_count(keep.size())),
                format_count(header.sizes[0]), "Put the labels beside the pictures that they belong to.");
  std::vector<std::string> labels;
  std::size_t row = 0;
  read_elements(file, header, header.sizes[0], request, hash, [&](std::string_view piece) {
    for (const char label : piece)
      if (keep[row++]) labels.push_back(std::to_string(static_cast<unsigned char>(label)));
  });
  return labels;
}

}  // namespace

bool is_idx(std::string_view beginning) {
  if (beginning.size() < 4 || beginning[0] != 0 || beginning[1] != 0) return false;
  const std::string_view types("\x08\x09\x0B\x0C\x0D\x0E");
  return types.find(beginning[2]) != std::string_view::npos && beginning[3] >= 1 &&
         static_cast<std::size_t>(beginning[3]) <= kMostDimensions;
}

RawRead read_idx(const SourceFile& pictures, const RawRequest& request) {
  const Header header = read_header(pictures);
  if (header.sizes.size() < 3)
    throw wrong(pictures, "IDX of pictures, of three or four dimensions",
                header.sizes.size() == 1 ? std::string("one of labels") : std::string("two dimensions"),
                "Give the file of the pictures (...images-idx3-ubyte) or the folder.");
  const ImageShape shape = shape_of(pictures, header);
  const std::optional<fs::path> labels = labels_beside(pictures.path);
  const PictureColumns columns(request, labels.has_value(), false);
  // What gzip can pack is bounded, so that a header cannot ask for more memory than there are bytes for.
  constexpr std::uint64_t kMostPacked = 1040;
  if (pictures.compression != Compression::zstd &&
      header.sizes[0] * shape.size() / kMostPacked > pictures.bytes)
    throw wrong(pictures, fmt::format("{} pictures, as the header says", format_count(header.sizes[0])),
                fmt::format("a file of {}", format_bytes(pictures.bytes)));

  std::vector<std::string> notes;
  const std::vector<bool> keep = rows_that_fit(request, header.sizes[0], shape.size(), notes);
  const auto hash = std::make_shared<StreamingHash>();
  PictureRows rows{.pixels = {.shape = shape, .bytes = {}}, .labels = {}, .files = {}};
  rows.pixels.bytes.reserve(static_cast<std::size_t>(std::ranges::count(keep, true)) * shape.size());
  Kept kept(keep, shape.size());
  read_elements(pictures, header, header.sizes[0] * shape.size(), request, hash,
                [&](std::string_view piece) { kept.take(piece, rows.pixels.bytes); });
  std::uint64_t bytes = pictures.bytes;
  if (columns.wants_labels()) {
    const SourceFile file = inspect_file(*labels);
    rows.labels = read_labels(file, keep, request, hash);
    bytes += file.bytes;
  }
  RawRead read = columns.read(std::move(rows));
  read.notes.insert(read.notes.begin(), notes.begin(), notes.end());
  read.format =
      fmt::format("IDX pictures of {}{}", shape_words(shape), compression_suffix(pictures.compression));
  read.file_hash = hash->value();
  read.file_bytes = bytes;
  return read;
}

}  // namespace astrolabe::readers
