// SPDX-License-Identifier: Apache-2.0
// Dates and times in text.
//
//   DateCell cell;
//   if (parse_date("2024-02-29T12:30:00+02:00", cell)) cell.seconds_if(DateOrder::year_first);
//
// Read are ISO 8601 (2024-02-29, 2024/02/29; then T or a blank and 12:30, 12:30:05, 12:30:05.25; then Z,
// +02:00, +0200 or +02) and dates with the year last and one separator of / - . (29/02/2024), with the same
// times.
#pragma once

#include <string_view>

#include "astrolabe/data/reader.h"

namespace astrolabe {

// One cell as a date. With the year last, the order of day and month may be open: then both readings are
// there.
struct DateCell {
  bool year_first = false;
  // Seconds since 1970-01-01T00:00:00; NaN where that order names no day. Equal when the year comes first.
  double day_first_seconds = 0;
  double month_first_seconds = 0;

  // NaN when the cell does not allow the order; `any` is enough only for a cell with one reading.
  [[nodiscard]] double seconds_if(DateOrder order) const;
};

// The whole cell, trimmed. False when it is not a date.
[[nodiscard]] bool parse_date(std::string_view cell, DateCell& date);

}  // namespace astrolabe
