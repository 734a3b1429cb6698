// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/inference.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/data/cell_dictionary.h"
#include "astrolabe/data/cells.h"
#include "astrolabe/data/column_build.h"
#include "astrolabe/data/dates.h"
#include "astrolabe/data/number_cells.h"

namespace astrolabe {
namespace {

constexpr std::size_t kFewestForIdentifier = 20;
constexpr double kIdentifierDistinctShare = 0.98;
constexpr double kIdentifierMeanBytes = 40;
constexpr std::size_t kAlwaysCategory = 20;
constexpr std::size_t kWordyCategory = 100;

// What the distinct cells of a text column say about it, missing cells left out.
struct CellSummary {
  std::uint64_t cells = 0;
  std::uint64_t distinct = 0;
  std::uint64_t bytes = 0;                      // of the cells
  std::uint64_t numbers = 0;                    // cells that are numbers
  std::uint64_t without_blank = 0;              // cells
  std::uint64_t wordy = 0;                      // distinct cells of three or more words
  const DistinctCell* first_odd = nullptr;      // the first cell that is no number
  const DistinctCell* leading_zeros = nullptr;  // the first with leading zeros
};

CellSummary summarise(const CellDictionary& cells) {
  CellSummary summary;
  for (const DistinctCell& cell : cells.distinct()) {
    if (cell.missing) continue;
    summary.cells += cell.count;
    ++summary.distinct;
    summary.bytes += cell.count * cell.text.size();
    const auto blanks = std::count(cell.text.begin(), cell.text.end(), ' ');
    if (blanks == 0) summary.without_blank += cell.count;
    if (blanks >= 2) ++summary.wordy;
    double value = 0;
    if (parse_cell_number(cell.text, value)) {
      summary.numbers += cell.count;
      if (summary.leading_zeros == nullptr && has_leading_zeros(cell.text)) summary.leading_zeros = &cell;
    } else if (summary.first_odd == nullptr && !is_missing_among_numbers(cell.text)) {
      summary.first_odd = &cell;
    }
  }
  return summary;
}

bool is_boolean(const CellDictionary& cells, const CellSummary& summary) {
  if (summary.distinct != 2) return false;
  std::vector<std::string_view> sides;
  for (const DistinctCell& cell : cells.distinct())
    if (!cell.missing) sides.push_back(cell.text);
  return is_boolean_pair(sides[0], sides[1]);
}

bool reads_like_identifier(const CellSummary& summary) {
  const auto cells = static_cast<double>(summary.cells);
  return summary.cells >= kFewestForIdentifier &&
         static_cast<double>(summary.distinct) >= kIdentifierDistinctShare * cells &&
         static_cast<double>(summary.without_blank) >= 0.9 * cells &&
         static_cast<double>(summary.bytes) <= kIdentifierMeanBytes * cells;
}

ColumnType type_of_words(const CellDictionary& cells, const CellSummary& summary) {
  if (is_boolean(cells, summary)) return ColumnType::boolean;
  if (reads_like_identifier(summary)) return ColumnType::identifier;
  if (summary.distinct <= kAlwaysCategory) return ColumnType::category;
  const bool wordy = summary.distinct > kWordyCategory && 2 * summary.wordy >= summary.distinct;
  return 2 * summary.distinct <= summary.cells && !wordy ? ColumnType::category : ColumnType::text;
}

// Why a column that looks like numbers is none.
void note_almost_numbers(const CellSummary& summary, TypedColumn& typed) {
  const std::string type(column_type_name(typed.column.type));
  if (summary.leading_zeros != nullptr && summary.first_odd == nullptr) {
    typed.notes.push_back(fmt::format(
        "Column \"{}\" has digits with leading zeros (\"{}\"), so it is read as codes ({}), not as numbers.",
        typed.column.name, summary.leading_zeros->text, type));
  } else if (summary.first_odd != nullptr && 10 * summary.numbers >= 9 * summary.cells) {
    typed.notes.push_back(fmt::format(
        "Column \"{}\" is read as {}: {} of its {} cells are numbers, but not all (\"{}\" in row {}).",
        typed.column.name, type, format_count(summary.numbers), format_count(summary.cells),
        shorten(summary.first_odd->text), summary.first_odd->first_row + 1));
  } else if (summary.first_odd == nullptr && summary.cells != 0) {
    typed.notes.push_back(
        fmt::format("Column \"{}\" has whole numbers too long to compute with, so it is read as codes ({}).",
                    typed.column.name, type));
  }
}

bool runs_without_gap(const std::vector<double>& numbers) {
  if (numbers.size() < kFewestForIdentifier) return false;
  const auto [low, high] = std::minmax_element(numbers.begin(), numbers.end());
  if ((*low != 0 && *low != 1) || *high - *low + 1 != static_cast<double>(numbers.size())) return false;
  std::vector<bool> seen(numbers.size());
  for (const double number : numbers) {
    const auto place = static_cast<std::size_t>(number - *low);
    if (seen[place]) return false;
    seen[place] = true;
  }
  return true;
}

bool all_distinct(std::vector<double> numbers) {
  std::sort(numbers.begin(), numbers.end());
  return std::adjacent_find(numbers.begin(), numbers.end()) == numbers.end();
}

bool are_identifiers(const std::string& name, const std::vector<double>& numbers, std::uint64_t missing) {
  if (missing != 0 || numbers.size() < 2) return false;
  return runs_without_gap(numbers) || (is_identifier_name(name) && all_distinct(numbers));
}

TypedColumn infer_from_words(RawColumn raw) {
  const CellDictionary cells(raw);
  const CellSummary summary = summarise(cells);
  TypedColumn typed;
  typed.column.name = raw.name;
  if (std::optional<DateColumn> dates = read_dates(cells)) {
    if (!dates->order_is_open) {
      take_dates(*dates, cells, typed);
      return typed;
    }
    typed.notes.push_back(
        fmt::format("Column \"{}\" holds dates, but nothing in it tells day from month, so it is not read as "
                    "dates. Write them as 2024-12-31.",
                    raw.name));
  }
  const ColumnType type = type_of_words(cells, summary);
  if (type == ColumnType::boolean || type == ColumnType::category) {
    take_levels(cells, type, typed);
  } else {
    take_text(raw, type, typed);
  }
  note_almost_numbers(summary, typed);
  return typed;
}

TypedColumn infer_native(RawColumn raw) {
  if (*raw.native == ColumnType::boolean || *raw.native == ColumnType::category ||
      *raw.native == ColumnType::identifier || *raw.native == ColumnType::image) {
    const ColumnType native = *raw.native;
    TypedColumn told = type_column_as(std::move(raw), native);
    told.reading.type_was_told = false;
    return told;
  }
  TypedColumn typed;
  typed.column.name = raw.name;
  typed.column.type = *raw.native;
  typed.column.numbers = std::move(raw.numbers);
  count_unusual_numbers(typed);
  if (typed.column.type == ColumnType::whole_number &&
      are_identifiers(typed.column.name, typed.column.numbers, typed.reading.missing))
    turn_into_text(typed.column, ColumnType::identifier);
  return typed;
}

TypedColumn infer_text(RawColumn raw) {
  std::optional<NumberCells> cells = read_number_cells(raw, NotNumber::stop);
  if (!cells || (cells->long_codes && !cells->any_fraction)) return infer_from_words(std::move(raw));
  TypedColumn typed;
  typed.column.name = raw.name;
  if (cells->all_whole && are_identifiers(raw.name, cells->numbers, cells->missing)) {
    take_text(raw, ColumnType::identifier, typed);
    return typed;
  }
  const bool whole = cells->all_whole && cells->missing < cells->numbers.size();
  take_numbers(std::move(*cells), whole ? ColumnType::whole_number : ColumnType::number, typed);
  return typed;
}

}  // namespace

bool is_identifier_name(std::string_view name) {
  static constexpr std::string_view kWords[] = {"id", "uid", "pid", "uuid", "guid", "index", "key", "rowid"};
  // Words: runs of letters and digits, also parted where a capital follows a small letter; "ID" and "Id" at
  // the front count before a small letter too ("IDpol").
  std::vector<std::string> words(1);
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto c = static_cast<unsigned char>(name[i]);
    const bool starts_word = i > 0 && std::isupper(c) != 0 && std::islower(name[i - 1] & 0x7F) != 0;
    if (std::isalnum(c) == 0 || starts_word) words.emplace_back();
    if (std::isalnum(c) != 0) words.back().push_back(static_cast<char>(std::tolower(c)));
  }
  std::erase(words, "");
  if (words.empty()) return false;
  const auto is_word = [](std::string_view word) {
    return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
  };
  return is_word(words.front()) || is_word(words.back()) || name.starts_with("ID");
}

TypedColumn infer_column(RawColumn raw) {
  TypedColumn typed = raw.native ? infer_native(std::move(raw)) : infer_text(std::move(raw));
  typed.reading.name = typed.column.name;
  typed.reading.type = typed.column.type;
  return typed;
}

}  // namespace astrolabe
