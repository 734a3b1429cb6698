// SPDX-License-Identifier: Apache-2.0
// One 64-bit word per cell that depends on the cell's value only: not on level numbers, row numbers, the sign
// of zero or the bits of NaN. Equal cells have equal words; different cells of one column have different
// words (numbers: always; text: but for a 64-bit hash collision).
//
//   std::vector<std::uint64_t> words = cell_hashes(table.column(0));
//   bool same = words[3] == words[7];
//
// Pure; thread-safe. Cost: one pass over the column.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "astrolabe/data/column.h"

namespace astrolabe {

inline constexpr std::uint64_t kMissingCellHash = 0x7ff86d697373696e;  // the bits of a NaN: no number's word

[[nodiscard]] std::vector<std::uint64_t> cell_hashes(const Column& column);
[[nodiscard]] std::vector<std::uint64_t> cell_hashes(const Column& column, std::span<const RowIndex> rows);

}  // namespace astrolabe
