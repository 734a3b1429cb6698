// SPDX-License-Identifier: Apache-2.0
// The distinct cells of a raw text column, each with its count. Deciding what a column is takes a look at
// each distinct cell, not at each cell.
//
//   CellDictionary cells(raw_column, rows);
//   for (const DistinctCell& cell : cells.distinct()) ...
//
// Refers to the bytes of the raw column, which must outlive it. Cost: one hash per cell.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "astrolabe/data/raw_table.h"

namespace astrolabe {

struct DistinctCell {
  std::string_view text;  // trimmed
  std::uint64_t count = 0;
  RowIndex first_row = 0;
  bool missing = false;  // a missing marker (cells.h)
};

class CellDictionary {
 public:
  explicit CellDictionary(const RawColumn& column);

  [[nodiscard]] const std::vector<DistinctCell>& distinct() const { return distinct_; }
  // Index into distinct() per row.
  [[nodiscard]] const std::vector<std::int32_t>& codes() const { return codes_; }
  [[nodiscard]] bool any_trimmed() const { return any_trimmed_; }

 private:
  std::vector<DistinctCell> distinct_;
  std::vector<std::int32_t> codes_;
  bool any_trimmed_ = false;
};

// Calls visit(row, cell) for all rows in order; the cell is as read, empty where it is null.
template <typename Visit>
void for_each_cell(const RawColumn& column, Visit visit) {
  std::size_t row = 0;
  for (const TextChunk& chunk : column.chunks)
    for (std::size_t i = 0; i < chunk.rows; ++i, ++row)
      visit(row, chunk.is_valid(i) ? chunk.cell(i) : std::string_view{});
}

}  // namespace astrolabe
