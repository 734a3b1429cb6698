// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "astrolabe/data/cells.h"
#include "astrolabe/data/column_build.h"
#include "astrolabe/data/dates.h"
#include "astrolabe/data/inference.h"

namespace astrolabe {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

void take_told_dates(const CellDictionary& cells, DateOrder order, TypedColumn& typed) {
  if (order == DateOrder::any) {
    if (const std::optional<DateColumn> dates = read_dates(cells); dates && !dates->order_is_open) {
      take_dates(*dates, cells, typed);
      return;
    }
  }
  DateColumn dates;
  dates.order = order;
  for (const DistinctCell& cell : cells.distinct()) {
    DateCell date;
    dates.seconds.push_back(parse_date(cell.text, date) ? date.seconds_if(order) : kMissing);
  }
  take_dates(dates, cells, typed);
}

// Both sides get the spelling that is commonest for them.
void take_told_booleans(const CellDictionary& cells, TypedColumn& typed) {
  std::array<const DistinctCell*, 2> commonest{};
  for (const DistinctCell& cell : cells.distinct()) {
    const std::optional<bool> side = parse_cell_boolean(cell.text, true);
    if (!side) continue;
    const DistinctCell*& best = commonest[*side ? 1 : 0];
    if (best == nullptr || cell.count > best->count) best = &cell;
  }
  const bool no_first =
      commonest[0] == nullptr || commonest[1] == nullptr || commonest[0]->text < commonest[1]->text;
  std::array<std::int32_t, 2> code_of_side{};
  typed.column.type = ColumnType::boolean;
  for (const std::size_t side :
       no_first ? std::array<std::size_t, 2>{0, 1} : std::array<std::size_t, 2>{1, 0}) {
    if (commonest[side] == nullptr) continue;
    code_of_side[side] = static_cast<std::int32_t>(typed.column.levels.size());
    typed.column.levels.emplace_back(commonest[side]->text);
  }
  std::vector<std::int32_t> code_of;
  for (const DistinctCell& cell : cells.distinct()) {
    const std::optional<bool> side = parse_cell_boolean(cell.text, true);
    code_of.push_back(side ? code_of_side[*side ? 1 : 0] : -1);
    if (cell.missing) {
      typed.reading.missing += cell.count;
      typed.reading.markers[std::string(cell.text)] += cell.count;
    } else if (!side) {
      count_misfit(cell, typed);
    }
  }
  typed.column.codes.reserve(cells.codes().size());
  for (const std::int32_t code : cells.codes())
    typed.column.codes.push_back(code_of[static_cast<std::size_t>(code)]);
  typed.trimmed = cells.any_trimmed();
}

// Values of the format itself that come as text all the same.
bool has_text_cells(const RawColumn& raw) {
  return !raw.native || raw.native == ColumnType::boolean || raw.native == ColumnType::category ||
         raw.native == ColumnType::identifier;
}

bool native_fits(const RawColumn& raw, ColumnType type) {
  if (has_text_cells(raw)) return false;
  if (raw.native == type) return true;
  return raw.native == ColumnType::whole_number && type == ColumnType::number;
}

void take_told(const RawColumn& raw, ColumnType type, DateOrder order, TypedColumn& typed) {
  switch (type) {
    case ColumnType::number:
    case ColumnType::whole_number:
      take_numbers(*read_number_cells(raw, NotNumber::missing, type == ColumnType::whole_number), type,
                   typed);
      return;
    case ColumnType::text:
    case ColumnType::identifier:
      take_text(raw, type, typed);
      return;
    case ColumnType::boolean:
      take_told_booleans(CellDictionary(raw), typed);
      return;
    case ColumnType::category:
      take_levels(CellDictionary(raw), type, typed);
      return;
    case ColumnType::datetime:
      take_told_dates(CellDictionary(raw), order, typed);
      return;
    case ColumnType::image:  // names of files, until they are read (picture_columns.h)
      take_text(raw, ColumnType::text, typed);
      return;
  }
}

}  // namespace

TypedColumn type_column_as(RawColumn raw, ColumnType type, DateOrder order) {
  TypedColumn typed;
  typed.column.name = raw.name;
  if (raw.native == ColumnType::image) {
    take_pictures(std::move(raw), typed);
  } else if (native_fits(raw, type)) {
    typed.column.type = type;
    typed.column.numbers = std::move(raw.numbers);
    count_unusual_numbers(typed);
  } else {
    if (!has_text_cells(raw)) raw = as_text(std::move(raw));
    take_told(raw, type, order, typed);
  }
  typed.reading.name = typed.column.name;
  typed.reading.type = typed.column.type;
  typed.reading.type_was_told = true;
  return typed;
}

}  // namespace astrolabe
