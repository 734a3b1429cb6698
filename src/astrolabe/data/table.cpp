// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/table.h"

#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/hash.h"
#include "astrolabe/base/text.h"
#include "astrolabe/data/cell_hash.h"

namespace astrolabe {
namespace {

Column take_column(const Column& column, std::span<const RowIndex> rows) {
  Column taken;
  taken.name = column.name;
  taken.type = column.type;
  taken.levels = column.levels;
  if (column.is_numeric()) {
    taken.numbers.reserve(rows.size());
    for (const RowIndex row : rows) taken.numbers.push_back(column.numbers[row]);
    return taken;
  }
  if (column.has_levels()) {
    taken.codes.reserve(rows.size());
    for (const RowIndex row : rows) taken.codes.push_back(column.codes[row]);
    return taken;
  }
  if (column.is_image()) {
    taken.pixels = column.pixels.take_rows(rows);
    if (column.no_picture.empty()) return taken;
    for (const RowIndex row : rows) taken.no_picture.push_back(column.no_picture[row]);
    return taken;
  }
  std::size_t bytes = 0;
  for (const RowIndex row : rows) bytes += column.text[row].size();
  taken.text.reserve(rows.size(), bytes);
  for (const RowIndex row : rows) {
    if (column.text.is_missing(row)) {
      taken.text.add_missing();
    } else {
      taken.text.add(column.text[row]);
    }
  }
  return taken;
}

}  // namespace

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {
  if (columns_.empty()) return;
  rows_ = columns_.front().rows();
  std::unordered_set<std::string_view> seen;
  for (const Column& column : columns_) {
    ASTROLABE_CHECK(column.rows() == rows_, "columns of one table have equal length: " + column.name);
    ASTROLABE_CHECK(seen.insert(column.name).second, "column names are distinct: " + column.name);
  }
}

std::optional<std::size_t> Table::find(std::string_view name) const {
  const auto found = std::ranges::find(columns_, name, &Column::name);
  if (found == columns_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns_.begin());
}

const Column& Table::require(std::string_view name, std::string_view role) const {
  if (const auto index = find(name)) return columns_[*index];
  const std::vector<std::string> known = names();
  const auto nearest = nearest_name(name, known);
  constexpr std::size_t kListed = 20;
  const std::span<const std::string> listed(known.data(), std::min(kListed, known.size()));
  throw bad_input({.attempted = fmt::format("finding the {} column \"{}\"", role, name),
                   .expected = "the name of a column of the table",
                   .found = "no column of that name",
                   .remedy = nearest ? fmt::format("Did you mean \"{}\"?", *nearest)
                                     : fmt::format("The table has these columns: {}{}.", join(listed, ", "),
                                                   known.size() > kListed ? ", ..." : "")});
}

std::vector<std::string> Table::names() const {
  std::vector<std::string> names;
  names.reserve(columns_.size());
  for (const Column& column : columns_) names.push_back(column.name);
  return names;
}

Table Table::take_rows(std::span<const RowIndex> rows) const {
  Table taken;
  taken.columns_.reserve(columns_.size());
  for (const Column& column : columns_) taken.columns_.push_back(take_column(column, rows));
  taken.rows_ = rows.size();
  return taken;
}

Table Table::without_columns(std::span<const std::string> names) const {
  Table rest;
  for (const Column& column : columns_) {
    if (std::ranges::find(names, column.name) == names.end()) rest.columns_.push_back(column);
  }
  rest.rows_ = rows_;
  return rest;
}

std::uint64_t hash_table(const Table& table) {
  StreamingHash hash;
  const auto add_word = [&hash](std::uint64_t word) { hash.add(&word, sizeof word); };
  const auto add_text = [&](std::string_view text) {
    add_word(text.size());
    hash.add(text.data(), text.size());
  };
  add_word(table.rows());
  add_word(table.columns().size());
  for (const Column& column : table.columns()) {
    add_text(column.name);
    add_text(column_type_name(column.type));
    const std::vector<std::uint64_t> words = cell_hashes(column);
    hash.add(words.data(), words.size() * sizeof(std::uint64_t));
  }
  return hash.value();
}

}  // namespace astrolabe
