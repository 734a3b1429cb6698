// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/picture_columns.h"

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/data/raw_reader.h"

namespace astrolabe {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLookedFor = 20;  // files whose existence settles it
constexpr double kNearlyAll = 0.9;
constexpr std::size_t kNamedFaults = 5;

bool ends_like_picture(std::string_view cell) {
  const std::size_t dot = cell.rfind('.');
  if (dot == std::string_view::npos || cell.size() - dot > 5) return false;
  std::string ending(cell.substr(dot));
  for (char& c : ending)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return ending == ".png" || ending == ".jpg" || ending == ".jpeg";
}

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

// The one that names nothing: absent.
void take_files(PictureRead read, const std::vector<std::size_t>& rows, TypedColumn& typed,
                std::vector<bool>& unreadable) {
  Column pictures;
  pictures.name = typed.column.name;
  pictures.type = ColumnType::image;
  pictures.pixels.shape = read.pixels.shape;
  const std::size_t count = typed.column.rows();
  const std::size_t size = read.pixels.shape.size();
  pictures.pixels.bytes.assign(count * size, 0);
  pictures.no_picture.assign(count, true);
  unreadable.assign(count, false);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto to = pictures.pixels.bytes.begin() + static_cast<std::ptrdiff_t>(rows[i] * size);
    std::ranges::copy(read.pixels.picture(i), to);
    pictures.no_picture[rows[i]] = unreadable[rows[i]] = !read.faults[i].empty();
  }
  if (std::ranges::count(pictures.no_picture, true) == 0) pictures.no_picture.clear();
  typed.column = std::move(pictures);
}

}  // namespace

bool names_pictures(const Column& column, const fs::path& base) {
  if (column.is_numeric() || column.is_image()) return false;
  std::size_t cells = 0, like = 0, looked = 0, found = 0;
  for (std::size_t row = 0; row < column.rows(); ++row) {
    if (column.is_missing(row)) continue;
    const std::string cell = column.cell(row);
    ++cells;
    if (!ends_like_picture(cell)) {
      if (like == 0) return false;  // of most columns of text one cell is enough
      continue;
    }
    ++like;
    if (looked == kLookedFor) continue;
    ++looked;
    if (is_file(base / cell)) ++found;
  }
  return found > 0 && 2 * found >= looked &&
         static_cast<double>(like) >= kNearlyAll * static_cast<double>(cells);
}

NamedRead read_named_pictures(const NamedPictures& how, TypedColumn& typed) {
  std::vector<fs::path> files;
  std::vector<std::string> names;
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < typed.column.rows(); ++row) {
    if (typed.column.is_missing(row)) continue;
    names.push_back(typed.column.cell(row));
    files.push_back(how.base / names.back());
    rows.push_back(row);
  }
  PictureRead read = raw_reader().read_pictures(files, {.shape = how.shape,
                                                        .memory_bytes = how.memory_bytes,
                                                        .should_stop = cancel_requested,
                                                        .threads = how.threads});
  const auto readable = std::ranges::count(read.faults, "");
  if (readable == 0)
    throw bad_input(
        {.attempted = fmt::format("reading the pictures that column \"{}\" names", typed.column.name),
         .expected = "PNG or JPEG files, beside the table or with whole paths",
         .found = names.empty() ? std::string("no name")
                                : fmt::format("{}: {}", names.front(), read.faults.front()),
         .remedy = fmt::format("Mend the paths, or keep the names as text with --types {}=text.",
                               typed.column.name)});
  typed.notes.insert(typed.notes.end(), read.notes.begin(), read.notes.end());
  if (std::string note = faults_note(names, read.faults); !note.empty())
    typed.notes.push_back(std::move(note));
  NamedRead named{.unreadable = {}, .hash = read.hash};
  typed.reading.missing += names.size() - static_cast<std::size_t>(readable);
  typed.reading.type = ColumnType::image;
  take_files(std::move(read), rows, typed, named.unreadable);
  return named;
}

std::string faults_note(std::span<const std::string> names, std::span<const std::string> faults) {
  std::vector<std::string> named;
  std::size_t count = 0;
  for (std::size_t i = 0; i < faults.size(); ++i) {
    if (faults[i].empty()) continue;
    if (count++ < kNamedFaults) named.push_back(fmt::format("{} ({})", names[i], faults[i]));
  }
  if (count == 0) return {};
  if (count > kNamedFaults) named.push_back(fmt::format("and {} more", format_count(count - kNamedFaults)));
  return fmt::format("{} of {} pictures cannot be read: {}", format_count(count), format_count(faults.size()),
                     join(named, ", "));
}

}  // namespace astrolabe
