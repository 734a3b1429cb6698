// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/column_build.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <utility>

#include "astrolabe/data/cells.h"
#include "astrolabe/data/dates.h"

namespace astrolabe {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

void count_missing(const DistinctCell& cell, ColumnReading& reading) {
  reading.missing += cell.count;
  reading.markers[std::string(cell.text)] += cell.count;
}

}  // namespace

void count_misfit(const DistinctCell& cell, TypedColumn& typed) {
  if (typed.misfits == 0 || cell.first_row < typed.first_misfit_row) {
    typed.first_misfit_row = cell.first_row;
    typed.first_misfit = std::string(cell.text);
  }
  typed.misfits += cell.count;
  typed.reading.missing += cell.count;
}

void take_numbers(NumberCells cells, ColumnType type, TypedColumn& typed) {
  typed.column.type = type;
  typed.column.numbers = std::move(cells.numbers);
  typed.reading.missing = cells.missing;
  typed.reading.markers = std::move(cells.markers);
  typed.reading.infinities = cells.infinities;
  typed.misfits = cells.misfits;
  typed.first_misfit_row = cells.first_misfit_row.value_or(0);
  typed.first_misfit = std::move(cells.first_misfit);
  typed.trimmed = cells.any_trimmed;
}

void take_levels(const CellDictionary& cells, ColumnType type, TypedColumn& typed) {
  const std::vector<DistinctCell>& distinct = cells.distinct();
  std::vector<std::int32_t> order(distinct.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](std::int32_t a, std::int32_t b) { return distinct[a].text < distinct[b].text; });
  std::vector<std::int32_t> code_of(distinct.size(), -1);
  typed.column.type = type;
  for (const std::int32_t i : order) {
    if (distinct[i].missing) {
      count_missing(distinct[i], typed.reading);
    } else {
      code_of[i] = static_cast<std::int32_t>(typed.column.levels.size());
      typed.column.levels.emplace_back(distinct[i].text);
    }
  }
  typed.column.codes.reserve(cells.codes().size());
  for (const std::int32_t code : cells.codes()) typed.column.codes.push_back(code_of[code]);
  typed.trimmed = cells.any_trimmed();
}

void take_text(const RawColumn& raw, ColumnType type, TypedColumn& typed) {
  typed.column.type = type;
  std::size_t rows = 0;
  std::size_t bytes = 0;
  for (const TextChunk& chunk : raw.chunks) {
    rows += chunk.rows;
    if (chunk.rows != 0) bytes += static_cast<std::size_t>(chunk.offsets[chunk.rows] - chunk.offsets[0]);
  }
  typed.column.text.reserve(rows, bytes);
  for_each_cell(raw, [&](std::size_t, std::string_view as_read) {
    const std::string_view cell = trim_cell(as_read);
    if (cell.size() != as_read.size() && !cell.empty()) typed.trimmed = true;
    if (is_missing_marker(cell)) {
      ++typed.reading.missing;
      ++typed.reading.markers[std::string(cell)];
      typed.column.text.add_missing();
    } else {
      typed.column.text.add(cell);
    }
  });
}

std::optional<DateColumn> read_dates(const CellDictionary& cells) {
  std::vector<DateCell> dates(cells.distinct().size());
  bool any = false, day_first = true, month_first = true, orders_differ = false;
  for (std::size_t i = 0; i < dates.size(); ++i) {
    const DistinctCell& cell = cells.distinct()[i];
    if (cell.missing || is_missing_among_numbers(cell.text)) {
      dates[i].day_first_seconds = dates[i].month_first_seconds = kMissing;
      continue;
    }
    if (!parse_date(cell.text, dates[i])) return std::nullopt;
    any = true;
    day_first &= !std::isnan(dates[i].day_first_seconds);
    month_first &= !std::isnan(dates[i].month_first_seconds);
    orders_differ |= dates[i].day_first_seconds != dates[i].month_first_seconds;
  }
  if (!any || (!day_first && !month_first)) return std::nullopt;
  DateColumn column;
  column.order_is_open = orders_differ && day_first && month_first;
  if (day_first != month_first) column.order = day_first ? DateOrder::day_first : DateOrder::month_first;
  column.seconds.reserve(dates.size());
  for (const DateCell& date : dates) column.seconds.push_back(date.seconds_if(column.order));
  return column;
}

void take_dates(const DateColumn& dates, const CellDictionary& cells, TypedColumn& typed) {
  typed.column.type = ColumnType::datetime;
  typed.reading.date_order = dates.order;
  for (std::size_t i = 0; i < dates.seconds.size(); ++i) {
    const DistinctCell& cell = cells.distinct()[i];
    if (!std::isnan(dates.seconds[i])) continue;
    if (cell.missing || is_missing_among_numbers(cell.text)) {
      count_missing(cell, typed.reading);
    } else {
      count_misfit(cell, typed);
    }
  }
  typed.column.numbers.reserve(cells.codes().size());
  for (const std::int32_t code : cells.codes()) typed.column.numbers.push_back(dates.seconds[code]);
  typed.trimmed = cells.any_trimmed();
}

void take_pictures(RawColumn raw, TypedColumn& typed) {
  typed.column.type = ColumnType::image;
  typed.column.pixels = std::move(raw.pixels);
}

void count_unusual_numbers(TypedColumn& typed) {
  for (const double number : typed.column.numbers) {
    if (std::isnan(number)) ++typed.reading.missing;
    if (std::isinf(number)) ++typed.reading.infinities;
  }
  if (typed.reading.missing != 0) typed.reading.markers[""] = typed.reading.missing;
}

RawColumn as_text(RawColumn raw) {
  Column column;
  column.name = raw.name;
  column.type = *raw.native;
  column.numbers = std::move(raw.numbers);
  constexpr std::size_t kRowsPerChunk = std::size_t{1} << 20U;  // far from 2^31 bytes
  struct Cells {
    std::string bytes;
    std::vector<std::int32_t> offsets = {0};
  };
  RawColumn text;
  text.name = column.name;
  for (std::size_t begin = 0; begin < column.numbers.size(); begin += kRowsPerChunk) {
    const std::size_t end = std::min(begin + kRowsPerChunk, column.numbers.size());
    auto cells = std::make_shared<Cells>();
    for (std::size_t row = begin; row < end; ++row) {
      cells->bytes += column.cell(row);
      cells->offsets.push_back(static_cast<std::int32_t>(cells->bytes.size()));
    }
    text.chunks.push_back({cells->bytes.data(), cells->offsets.data(), nullptr, end - begin, cells});
  }
  return text;
}

void turn_into_text(Column& column, ColumnType type) {
  TextCells text;
  text.reserve(column.numbers.size(), 8 * column.numbers.size());
  for (std::size_t row = 0; row < column.numbers.size(); ++row) {
    if (column.is_missing(row)) {
      text.add_missing();
    } else {
      text.add(column.cell(row));
    }
  }
  column.text = std::move(text);
  column.numbers = {};
  column.type = type;
}

std::string shorten(std::string_view cell) {
  constexpr std::size_t kLongest = 40;
  if (cell.size() <= kLongest) return std::string(cell);
  std::size_t end = kLongest;
  while (end > 0 && (static_cast<unsigned char>(cell[end]) & 0xC0U) == 0x80U) --end;
  return std::string(cell.substr(0, end)) + "...";
}

}  // namespace astrolabe
