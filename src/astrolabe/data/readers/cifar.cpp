// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/readers/cifar.h"

#include <algorithm>
#include <fstream>
#include <memory>
#include <optional>
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
constexpr std::size_t kCoarseClasses = 20;

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

std::vector<std::string> names_beside(const fs::path& folder, std::size_t labels) {
  std::ifstream stream(folder / (labels == 1 ? "batches.meta.txt" : "fine_label_names.txt"));
  std::vector<std::string> names;
  for (std::string line; names.size() < kMostLabels && std::getline(stream, line);)
    if (const std::string_view name = trim(line); !name.empty()) names.emplace_back(name);
  return names;
}

// What records may hold: the number of their labels and how many classes each has.
struct RecordKind {
  std::size_t labels = 1;
  std::vector<std::string> names = {};  // of the last label; empty: numbers

  [[nodiscard]] std::size_t bytes() const { return kPicture + labels; }
  [[nodiscard]] std::string_view set() const { return labels == 1 ? "CIFAR-10" : "CIFAR-100"; }
  [[nodiscard]] std::string_view label(std::size_t at) const {
    return labels == 1 ? "labels" : at == 0 ? "coarse labels" : "fine labels";
  }
  [[nodiscard]] std::size_t classes(std::size_t at) const {
    if (at + 1 < labels) return kCoarseClasses;
    return names.empty() ? (labels == 1 ? 10 : 100) : names.size();
  }
};

// A label that its kind has not, the first of a file.
struct WrongLabel {
  std::size_t at = 0;  // byte of the file
  std::size_t label = 0, value = 0;
};

std::optional<WrongLabel> find_wrong_label(std::string_view bytes, const RecordKind& kind) {
  for (std::size_t begin = 0; begin < bytes.size(); begin += kind.bytes())
    for (std::size_t label = 0; label < kind.labels; ++label) {
      const std::size_t value = static_cast<unsigned char>(bytes[begin + label]);
      if (value >= kind.classes(label))
        return WrongLabel{.at = begin + label, .label = label, .value = value};
    }
  return std::nullopt;
}

[[noreturn]] void refuse_label(const SourceFile& file, const RecordKind& kind, const WrongLabel& wrong) {
  throw bad_input(
      {.attempted = attempt(file.path),
       .expected = fmt::format("records of {} bytes, of {}, whose {} go from 0 to {}", kind.bytes(),
                               kind.set(), kind.label(wrong.label), kind.classes(wrong.label) - 1),
       .found = fmt::format("{} in record {}, at byte {}", wrong.value,
                            format_count(wrong.at / kind.bytes() + 1), format_count(wrong.at)),
       .remedy =
           kind.labels == 1
               ? "If there are more classes, name them in batches.meta.txt beside the file, a line each."
               : "Look whether each record has a byte too many; of other classes name all of them in "
                 "fine_label_names.txt beside the file, a line each."});
}

// data_batch_1.bin and test_batch.bin are names of CIFAR-10 alone.
bool is_named_like_ten(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.starts_with("data_batch") || name.starts_with("test_batch");
}

// What divides the file; where both do, that whose labels are all there.
RecordKind kind_of(const SourceFile& file, std::string_view bytes) {
  const fs::path folder = fs::path(file.path).parent_path();
  std::vector<RecordKind> possible;
  for (const std::size_t labels : {1UL, 2UL})
    if (!bytes.empty() && bytes.size() % (kPicture + labels) == 0)
      possible.push_back({.labels = labels, .names = names_beside(folder, labels)});
  if (possible.size() == 1 && possible[0].labels == 2 && is_named_like_ten(file.path))
    throw bad_input(
        {.attempted = attempt(file.path),
         .expected = fmt::format("records of {} bytes, of CIFAR-10, as the name says", kPicture + 1),
         .found = fmt::format("{} bytes, which is no multiple of that but one of {}",
                              format_count(bytes.size()), kPicture + 2),
         .remedy = "Look whether each record has a byte too many; call a file of CIFAR-100 "
                   "train.bin or test.bin."});
  for (const RecordKind& kind : possible)
    if (!find_wrong_label(bytes, kind)) return kind;
  if (!possible.empty()) refuse_label(file, possible[0], *find_wrong_label(bytes, possible[0]));
  throw bad_input({.attempted = attempt(file.path),
                   .expected = fmt::format("records of {} bytes (CIFAR-10) or {} (CIFAR-100)", kPicture + 1,
                                           kPicture + 2),
                   .found = fmt::format("{} bytes, no multiple of either", format_count(bytes.size())),
                   .remedy = "Download the binary version again, or check that the file is one of CIFAR."});
}

void add_record(std::string_view record, const RecordKind& kind, PictureRows& rows) {
  const std::size_t label = static_cast<unsigned char>(record[kind.labels - 1]);
  rows.labels.push_back(kind.names.empty() ? std::to_string(label) : kind.names[label]);
  record.remove_prefix(kind.labels);
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
    const RecordKind kind = kind_of(file, bytes);
    const std::size_t record = kind.bytes();
    share.sample_key = request.sample_key.split(i);
    const std::vector<bool> keep = rows_that_fit(share, bytes.size() / record, kPicture, notes);
    rows.pixels.bytes.reserve(rows.pixels.bytes.size() +
                              static_cast<std::size_t>(std::ranges::count(keep, true)) * kPicture);
    for (std::size_t row = 0; row < keep.size(); ++row)
      if (keep[row]) add_record(std::string_view(bytes).substr(row * record, record), kind, rows);
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
