// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/reader.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <malloc.h>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/error.h"
#include "astrolabe/base/hash.h"
#include "astrolabe/base/text.h"
#include "astrolabe/data/column_build.h"
#include "astrolabe/data/inference.h"
#include "astrolabe/data/picture_columns.h"
#include "astrolabe/data/raw_reader.h"

namespace astrolabe {
namespace {

// A table can have 50,000 columns, and nobody reads 50,000 notes.
constexpr std::size_t kMostColumnNotes = 12;

std::string attempt(const std::filesystem::path& path) {
  return "reading " + path.string();
}

Error unknown_column(const std::filesystem::path& path, std::string_view option, const std::string& name,
                     const std::vector<std::string>& names) {
  const std::optional<std::string> near = nearest_name(name, names);
  return bad_input({.attempted = attempt(path),
                    .expected = fmt::format("a column \"{}\", named by {}", name, option),
                    .found = fmt::format("{} columns without it", format_count(names.size())),
                    .remedy = near ? fmt::format("Did you mean \"{}\"?", *near)
                                   : "Check the spelling; without a header, columns are named 1, 2, ..."});
}

RawRequest make_request(const ReadOptions& options, const ThreadPool& pool) {
  RawRequest request;
  request.header = options.header;
  request.should_stop = cancel_requested;
  request.threads = pool.size();
  request.memory_bytes = options.memory_bytes;
  request.sample_key = options.sample_key;
  request.part = options.part;
  return request;
}

void check_row_count(const std::filesystem::path& path, std::size_t rows) {
  if (rows < std::numeric_limits<RowIndex>::max()) return;
  throw bad_input({.attempted = attempt(path),
                   .expected = "fewer than 2^32 rows",
                   .found = format_count(rows) + " rows",
                   .remedy = "Split the file."});
}

// Adds the notes about columns, a bounded number of them, and one about blanks.
void add_column_notes(std::vector<TypedColumn>& typed, std::vector<std::string>& notes) {
  std::size_t count = 0;
  std::size_t trimmed = 0;
  for (TypedColumn& column : typed) {
    if (column.trimmed) ++trimmed;
    for (std::string& note : column.notes)
      if (count++ < kMostColumnNotes) notes.push_back(std::move(note));
  }
  if (count > kMostColumnNotes)
    notes.push_back(fmt::format("{} more columns have notes like these.", count - kMostColumnNotes));
  if (trimmed != 0)
    notes.push_back(fmt::format("Blanks around cells were trimmed in {} {}.", format_count(trimmed),
                                trimmed == 1 ? "column" : "columns"));
}

ReadResult assemble(RawRead raw, std::vector<TypedColumn> typed) {
  ReadResult result;
  result.format = std::move(raw.format);
  result.file_hash = raw.file_hash;
  result.file_bytes = raw.file_bytes;
  result.notes = std::move(raw.notes);
  result.test_part = std::move(raw.test_part);
  add_column_notes(typed, result.notes);
  std::vector<Column> columns;
  columns.reserve(typed.size());
  result.columns.reserve(typed.size());
  for (TypedColumn& column : typed) {
    columns.push_back(std::move(column.column));
    result.columns.push_back(std::move(column.reading));
  }
  result.table = Table(std::move(columns));
  return result;
}

std::string place_of_row(const RawRead& raw, std::size_t row) {
  if (raw.line_of_row) return fmt::format("line {}", raw.line_of_row(row));
  return fmt::format("row {}", row + 1);
}

void check_told_types(const std::filesystem::path& path, const RawRead& raw,
                      const std::vector<TypedColumn>& typed) {
  for (const TypedColumn& column : typed) {
    if (column.misfits == 0) continue;
    throw bad_input(
        {.attempted = attempt(path),
         .expected = fmt::format("column \"{}\" to be {} in every row, as --types says", column.column.name,
                                 column_type_name(column.column.type)),
         .found = fmt::format(
             "\"{}\" on {}{}", shorten(column.first_misfit), place_of_row(raw, column.first_misfit_row),
             column.misfits == 1 ? std::string()
                                 : fmt::format(" and {} more such cells", format_count(column.misfits - 1))),
         .remedy = "Mend the cells, or give the column another type."});
  }
}

std::vector<bool> choose_all_but(const std::filesystem::path& path, const ReadOptions& options,
                                 const std::vector<std::string>& names) {
  for (const auto& [name, type] : options.types)
    if (std::find(names.begin(), names.end(), name) == names.end())
      throw unknown_column(path, "--types", name, names);
  const std::set<std::string> dropped(options.drop.begin(), options.drop.end());
  for (const std::string& name : dropped)
    if (std::find(names.begin(), names.end(), name) == names.end())
      throw unknown_column(path, "--drop", name, names);
  std::vector<bool> chosen;
  for (const std::string& name : names) chosen.push_back(!dropped.contains(name));
  if (std::find(chosen.begin(), chosen.end(), true) == chosen.end())
    throw bad_input({.attempted = attempt(path),
                     .expected = "at least one column to keep",
                     .found = "--drop names all of them",
                     .remedy = "Drop fewer columns."});
  return chosen;
}

std::vector<bool> choose_wanted(const std::filesystem::path& path, const std::vector<WantedColumn>& wanted,
                                const std::map<std::string, const WantedColumn*>& known,
                                const std::vector<std::string>& names) {
  const std::set<std::string> present(names.begin(), names.end());
  for (const WantedColumn& column : wanted) {
    if (present.contains(column.name)) continue;
    const std::optional<std::string> near = nearest_name(column.name, names);
    throw bad_input({.attempted = attempt(path),
                     .expected = fmt::format("a column \"{}\", which the model was trained on", column.name),
                     .found = fmt::format("{} columns without it", format_count(names.size())),
                     .remedy = near ? fmt::format("Is it \"{}\"? Then rename it.", *near)
                                    : "Add the column; its cells may be empty."});
  }
  std::vector<bool> chosen;
  for (const std::string& name : names) chosen.push_back(known.contains(name));
  if (std::find(chosen.begin(), chosen.end(), true) == chosen.end())
    throw bad_input({.attempted = attempt(path),
                     .expected = "a column that the model knows",
                     .found = "none",
                     .remedy = "Check that this is the right file."});
  return chosen;
}

// Wanted columns first, in their order, then the optional ones that are there.
void order_as_wanted(const std::vector<WantedColumn>& wanted, const std::vector<WantedColumn>& optional,
                     std::vector<TypedColumn>& typed) {
  std::map<std::string, std::size_t> place;
  for (const WantedColumn& column : wanted) place.emplace(column.name, place.size());
  for (const WantedColumn& column : optional) place.emplace(column.name, place.size());
  std::sort(typed.begin(), typed.end(), [&](const TypedColumn& a, const TypedColumn& b) {
    return place.at(a.column.name) < place.at(b.column.name);
  });
}

void note_misfits(const RawRead& raw, std::vector<TypedColumn>& typed) {
  for (TypedColumn& column : typed) {
    if (column.misfits == 0) continue;
    column.notes.push_back(fmt::format(
        "Column \"{}\": {} {} not fit its type ({}) and {} taken as missing (\"{}\" on {}).",
        column.column.name, format_count(column.misfits), column.misfits == 1 ? "cell does" : "cells do",
        column_type_name(column.column.type), column.misfits == 1 ? "is" : "are",
        shorten(column.first_misfit), place_of_row(raw, column.first_misfit_row)));
  }
}

// Columns of file names become pictures: those that are told to be, and those that nobody told otherwise and
// that name some. Gives back the rows whose pictures cannot be read.
std::vector<bool> read_pictures_named(const std::filesystem::path& path, const ReadOptions& options,
                                      std::size_t threads, RawRead& raw, std::vector<TypedColumn>& typed) {
  std::vector<bool> unreadable(raw.table.rows, false);
  for (TypedColumn& column : typed) {
    if (column.column.is_image()) continue;
    const auto told = options.types.find(column.column.name);
    const bool is_told = told != options.types.end();
    if (is_told && told->second != ColumnType::image) continue;
    if (!is_told && !names_pictures(column.column, path.parent_path())) continue;
    const NamedRead read = read_named_pictures(
        {.base = path.parent_path(), .shape = {}, .memory_bytes = options.memory_bytes, .threads = threads},
        column);
    raw.file_hash = hash_bytes(&read.hash, sizeof read.hash, raw.file_hash);
    for (std::size_t row = 0; row < unreadable.size(); ++row)
      if (read.unreadable[row]) unreadable[row] = true;
    if (!is_told)
      column.notes.insert(
          column.notes.begin(),
          fmt::format("Column \"{0}\" names pictures, which are read as {1}; --types {0}=text "
                      "keeps the names.",
                      column.column.name, shape_words(column.column.pixels.shape)));
  }
  return unreadable;
}

void leave_out(const std::vector<bool>& unreadable, ReadResult& result) {
  std::vector<RowIndex> kept;
  for (std::size_t row = 0; row < unreadable.size(); ++row)
    if (!unreadable[row]) kept.push_back(static_cast<RowIndex>(row));
  if (kept.size() == unreadable.size()) return;
  result.notes.push_back(fmt::format("{} rows whose picture cannot be read are left out.",
                                     format_count(unreadable.size() - kept.size())));
  result.table = result.table.take_rows(kept);
}

}  // namespace

bool is_picture_set(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return true;
  const std::string name = path.filename().string();
  return name.find("images-idx") != std::string::npos || name.find("images.idx") != std::string::npos ||
         name.ends_with(".bin") || name.ends_with(".bin.gz");
}

ReadResult read_table(const std::filesystem::path& path, const ReadOptions& options, ThreadPool& pool) {
  RawRequest request = make_request(options, pool);
  request.choose = [&](const std::vector<std::string>& names) {
    return choose_all_but(path, options, names);
  };
  RawRead raw = raw_reader().read(path, request);
  check_row_count(path, raw.table.rows);

  std::vector<TypedColumn> typed(raw.table.columns.size());
  pool.for_each(typed.size(), [&](std::size_t i) {
    RawColumn column = std::move(raw.table.columns[i]);
    const auto told = options.types.find(column.name);
    typed[i] = told == options.types.end() ? infer_column(std::move(column))
                                           : type_column_as(std::move(column), told->second);
  });
  check_told_types(path, raw, typed);
  const std::vector<bool> unreadable = read_pictures_named(path, options, pool.size(), raw, typed);
  raw_reader().release_memory();
  malloc_trim(0);  // typing leaves much behind, and the process would look as large as it ever was
  ReadResult result = assemble(std::move(raw), std::move(typed));
  leave_out(unreadable, result);
  return result;
}

ReadResult read_table_as(const std::filesystem::path& path, const std::vector<WantedColumn>& wanted,
                         const std::vector<WantedColumn>& optional, const ReadOptions& options,
                         ThreadPool& pool) {
  std::map<std::string, const WantedColumn*> known;
  for (const WantedColumn& column : wanted) known.emplace(column.name, &column);
  for (const WantedColumn& column : optional) known.emplace(column.name, &column);

  RawRequest request = make_request(options, pool);
  for (const auto& [name, column] : known) {
    request.known_names.push_back(name);
    if (column->type == ColumnType::image) request.pictures.emplace(name, column->picture);
  }
  request.choose = [&](const std::vector<std::string>& names) {
    return choose_wanted(path, wanted, known, names);
  };
  RawRead raw = raw_reader().read(path, request);
  check_row_count(path, raw.table.rows);

  std::vector<TypedColumn> typed(raw.table.columns.size());
  pool.for_each(typed.size(), [&](std::size_t i) {
    RawColumn column = std::move(raw.table.columns[i]);
    const WantedColumn& want = *known.at(column.name);
    typed[i] = type_column_as(std::move(column), want.type, want.date_order);
  });
  for (TypedColumn& column : typed) {
    const WantedColumn& want = *known.at(column.column.name);
    if (want.type != ColumnType::image || column.column.is_image()) continue;
    static_cast<void>(read_named_pictures({.base = path.parent_path(),
                                           .shape = want.picture,
                                           .memory_bytes = options.memory_bytes,
                                           .threads = pool.size()},
                                          column));
  }
  order_as_wanted(wanted, optional, typed);
  note_misfits(raw, typed);
  return assemble(std::move(raw), std::move(typed));
}

}  // namespace astrolabe
