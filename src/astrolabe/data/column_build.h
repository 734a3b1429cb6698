// SPDX-License-Identifier: Apache-2.0
// Raw cells into the storage that a column type has, and what was met on the way into the reading. The steps
// that inference.cpp (what a column is) and told_types.cpp (what it was said to be) share.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/data/cell_dictionary.h"
#include "astrolabe/data/inference.h"
#include "astrolabe/data/number_cells.h"

namespace astrolabe {

void take_numbers(NumberCells cells, ColumnType type, TypedColumn& typed);

// boolean or category. Levels are sorted by their bytes.
void take_levels(const CellDictionary& cells, ColumnType type, TypedColumn& typed);

// text or identifier.
void take_text(const RawColumn& raw, ColumnType type, TypedColumn& typed);

struct DateColumn {
  std::vector<double> seconds;  // per distinct cell; NaN = missing
  DateOrder order = DateOrder::any;
  bool order_is_open = false;  // both orders fit, with different dates
};
// Nothing unless every cell is a date or missing, and there is a date.
[[nodiscard]] std::optional<DateColumn> read_dates(const CellDictionary& cells);
// A distinct cell without seconds is missing when it is a marker, else a misfit.
void take_dates(const DateColumn& dates, const CellDictionary& cells, TypedColumn& typed);

// image, from a format that holds pictures.
void take_pictures(RawColumn raw, TypedColumn& typed);

// Missing cells and infinities of a numeric column whose numbers came from the format itself.
void count_unusual_numbers(TypedColumn& typed);

// Counts a distinct cell that does not fit the told type, and remembers the first.
void count_misfit(const DistinctCell& cell, TypedColumn& typed);

// Native numbers as text cells, to be typed anew.
[[nodiscard]] RawColumn as_text(RawColumn raw);

// A numeric column as text cells, written as Column::cell writes them.
void turn_into_text(Column& column, ColumnType type);

// At most 40 bytes of a cell for a message, cut between characters.
[[nodiscard]] std::string shorten(std::string_view cell);

}  // namespace astrolabe
