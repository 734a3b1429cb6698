// SPDX-License-Identifier: Apache-2.0
// What a raw column is: a type for the whole column, from all of its rows. Cells are trimmed first.
//
//   TypedColumn typed = infer_column(std::move(raw));       // typed.column.type, typed.reading.markers
//
// The rules, in order; a missing cell (cells.h) never decides:
//   number        every cell is a decimal number or an infinity, unless one has leading zeros ("00501") or
//   all
//                 are whole and one is beyond 2^53: those are codes, and the rules below hold
//   whole_number  a number column without fractions or infinities ("3.0" is whole)
//   identifier    a whole_number column that is distinct in every row and has no missing cell, and either
//                 runs 0, 1, 2, ... or 1, 2, 3, ... in any order over at least 20 rows, or is named like an
//                 identifier: "id", "index", "uuid", ..., or with such a first or last word (customerID)
//   boolean       two distinct cells: yes/no, true/false, t/f or y/n
//   datetime      every cell is a date (dates.h); with the year last, all rows together must settle the order
//   identifier    at least 20 cells, 98 % of them distinct, 90 % without a blank inside, 40 bytes on average
//                 at most
//   category      at most 20 distinct cells, or at most half as many as cells; but not when there are more
//                 than 100 and most have three or more words
//   text          everything else
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/data/raw_table.h"
#include "astrolabe/data/reader.h"

namespace astrolabe {

struct TypedColumn {
  Column column;
  ColumnReading reading;
  std::vector<std::string> notes;  // what a person should know: sentences that name the column
  bool trimmed = false;            // some cell had blanks around it

  // Only when the type was told: cells that do not fit it. They are missing in the column.
  std::uint64_t misfits = 0;
  std::size_t first_misfit_row = 0;
  std::string first_misfit;
};

// Both consume the raw column, so its text is freed as soon as it is typed. Pure, thread-safe.
[[nodiscard]] TypedColumn infer_column(RawColumn raw);
// Typed as told. Here "1" and "0" are booleans too, and codes with leading zeros are numbers when asked for.
[[nodiscard]] TypedColumn type_column_as(RawColumn raw, ColumnType type, DateOrder order = DateOrder::any);

// Whether a column name reads like an identifier's.
[[nodiscard]] bool is_identifier_name(std::string_view name);

}  // namespace astrolabe
