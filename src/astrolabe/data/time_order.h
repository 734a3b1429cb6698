// SPDX-License-Identifier: Apache-2.0
// Rows in the order that a column gives them, and the places where that order may be cut: never between equal
// values, so that one moment is never both past and future.
//
//   TimeOrder order = order_by_time(table.require("date", "split"), rows);
//   std::optional<std::size_t> cut = order.cut_near(0.8 * rows.size());
//   // order.rows[0 .. *cut) is the past, the rest the future
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "astrolabe/data/column.h"

namespace astrolabe {

struct TimeOrder {
  std::vector<RowIndex> rows;     // oldest first; equal values by row number
  std::vector<std::size_t> cuts;  // ascending positions in `rows` where a new value begins; without 0

  // The cut closest to `position` (the earlier of two); nothing when all values are equal.
  [[nodiscard]] std::optional<std::size_t> cut_near(double position) const;
  // `count` ascending cuts close to equal blocks; nothing when there are too few distinct values.
  [[nodiscard]] std::optional<std::vector<std::size_t>> equal_cuts(std::size_t count) const;
};

// Numbers and dates order by value. Other columns order as text, and only where that is the order of time:
// every cell starts with a year and all have one length ("2011-03", "2011Q1"). Throws bad_input for other
// columns and for missing cells.
[[nodiscard]] TimeOrder order_by_time(const Column& column, std::span<const RowIndex> rows);

}  // namespace astrolabe
