// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/kept_pictures.h"

#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/file.h"
#include "astrolabe/base/text.h"

namespace astrolabe {
namespace {

void append_number(std::string& bytes, std::size_t number) {
  for (const unsigned shift : {24U, 16U, 8U, 0U}) bytes += static_cast<char>(number >> shift & 255U);
}

}  // namespace

std::filesystem::path kept_pictures_path(const std::filesystem::path& csv, std::size_t place) {
  const std::string stem = csv.stem().string() + "-pictures";
  return csv.parent_path() / (place == 0 ? stem + ".idx" : fmt::format("{}-{}.idx", stem, place + 1));
}

std::uint64_t write_kept_pictures(const std::filesystem::path& path, const Column& column) {
  const ImageShape& shape = column.pixels.shape;
  const bool is_grey = shape.channels == 1;
  std::string bytes = {0, 0, 8, static_cast<char>(is_grey ? 3 : 4)};
  append_number(bytes, column.pixels.rows());
  append_number(bytes, shape.height);
  append_number(bytes, shape.width);
  if (!is_grey) append_number(bytes, shape.channels);
  bytes.append(column.pixels.bytes.begin(), column.pixels.bytes.end());
  write_file_atomically(path, bytes);
  return bytes.size();
}

std::string picture_cell(const Column& column, std::size_t row) {
  return column.is_missing(row) ? std::string() : std::to_string(row + 1);
}

Column read_kept_pictures(const std::filesystem::path& path, const Column& cells, const WantedColumn& wanted,
                          ThreadPool& pool) {
  const std::vector<WantedColumn> pictures = {
      {.name = std::string(kPictureColumn), .type = ColumnType::image, .picture = wanted.picture}};
  const Table read = read_table_as(path, pictures, {}, {}, pool).table;
  Column column;
  column.name = wanted.name;
  column.type = ColumnType::image;
  std::vector<std::uint32_t> places;
  for (std::size_t row = 0; row < cells.numbers.size(); ++row) {
    const bool is_missing = std::isnan(cells.numbers[row]);
    column.no_picture.push_back(is_missing);
    const double number = is_missing ? 1 : cells.numbers[row];
    if (!(number >= 1 && number <= static_cast<double>(read.rows())))
      throw bad_input({.attempted = "reading " + path.string(),
                       .expected = fmt::format("picture {} of row {}", number, row + 1),
                       .found = fmt::format("{} pictures", format_count(read.rows())),
                       .remedy = "Delete the rehearsal files beside the model: then nothing is rehearsed."});
    places.push_back(static_cast<std::uint32_t>(number) - 1);
  }
  column.pixels = read.column(0).pixels.take_rows(places);
  return column;
}

}  // namespace astrolabe
