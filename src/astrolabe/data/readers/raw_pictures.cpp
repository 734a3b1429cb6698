// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/readers/raw_pictures.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/data/readers/picture_files.h"
#include "astrolabe/data/resize.h"
#include "astrolabe/data/split.h"

namespace astrolabe::readers {
namespace {

constexpr std::uint64_t kShareOfMemory = 4;
constexpr std::size_t kFewestRows = 1'000;

RawColumn text_column(std::string_view name, ColumnType type, const std::vector<std::string>& cells) {
  struct Cells {
    std::string bytes;
    std::vector<std::int32_t> offsets = {0};
  };
  constexpr std::size_t kRowsPerChunk = std::size_t{1} << 16U;  // names of files are short: far from 2^31
  RawColumn column;
  column.name = name;
  column.native = type;
  for (std::size_t begin = 0; begin < cells.size(); begin += kRowsPerChunk) {
    const std::size_t end = std::min(begin + kRowsPerChunk, cells.size());
    auto chunk = std::make_shared<Cells>();
    for (std::size_t row = begin; row < end; ++row) {
      chunk->bytes += cells[row];
      chunk->offsets.push_back(static_cast<std::int32_t>(chunk->bytes.size()));
    }
    column.chunks.push_back({chunk->bytes.data(), chunk->offsets.data(), nullptr, end - begin, chunk});
  }
  return column;
}

}  // namespace

PictureColumns::PictureColumns(const RawRequest& request, bool has_labels, bool has_files) {
  // A model that was fitted on the names of files in a table calls its pictures as that column is called.
  name_ = request.pictures.size() == 1 ? request.pictures.begin()->first : std::string(kPictureColumn);
  std::vector<std::string> names = {name_};
  if (has_labels) names.emplace_back(kPictureLabel);
  if (has_files) names.emplace_back(kPictureFile);
  const std::vector<bool> chosen = request.choose(names);
  wants_pictures_ = chosen[0];
  wants_labels_ = has_labels && chosen[1];
  wants_files_ = has_files && chosen.back();
  if (const auto wanted = request.pictures.find(name_); wanted != request.pictures.end())
    shape_ = wanted->second;
}

RawRead PictureColumns::read(PictureRows rows) const {
  RawRead read;
  read.table.rows = rows.pixels.rows();
  if (wants_pictures_) {
    RawColumn pictures;
    pictures.name = name_;
    pictures.native = ColumnType::image;
    if (shape_.size() > 0 && rows.pixels.shape != shape_) {
      const std::vector<ImageShape> shapes(rows.pixels.rows(), rows.pixels.shape);
      read.notes.push_back(resizing_note(shapes, shape_));
      rows.pixels = resize_pictures(std::move(rows.pixels), shape_);
    }
    pictures.pixels = std::move(rows.pixels);
    read.table.columns.push_back(std::move(pictures));
  }
  if (wants_labels_)
    read.table.columns.push_back(text_column(kPictureLabel, ColumnType::category, rows.labels));
  if (wants_files_)
    read.table.columns.push_back(text_column(kPictureFile, ColumnType::identifier, rows.files));
  return read;
}

std::vector<bool> rows_that_fit(const RawRequest& request, std::size_t count, std::size_t bytes_each,
                                std::vector<std::string>& notes) {
  const std::uint64_t room = request.memory_bytes / kShareOfMemory / std::max<std::size_t>(1, bytes_each);
  if (count <= std::max<std::uint64_t>(room, kFewestRows)) return std::vector<bool>(count, true);
  std::vector<RowIndex> all(count);
  std::iota(all.begin(), all.end(), RowIndex{0});
  const auto kept = static_cast<std::size_t>(std::max<std::uint64_t>(room, kFewestRows));
  std::vector<bool> keep(count, false);
  for (const RowIndex row : draw_rows(all, {}, kept, request.sample_key)) keep[row] = true;
  notes.push_back(fmt::format("--memory: {} of {} pictures are read, drawn at random", format_count(kept),
                              format_count(count)));
  return keep;
}

}  // namespace astrolabe::readers
