// SPDX-License-Identifier: Apache-2.0
// Where a text table is broken. Arrow says that a row is ragged, not on which line; this reads the file
// again, serially, and says it.
#pragma once

#include <cstdint>

#include "astrolabe/data/readers/csv_dialect.h"

namespace astrolabe::readers {

// The largest field that is read.
inline constexpr std::uint64_t kLargestField = std::uint64_t{64} << 20U;

// Throws bad_input for the first fault: a ragged row, a field over 64 MB, a quote that is never closed
// (line), invalid UTF-8 (offset). Otherwise returns the size of the longest row in bytes.
[[nodiscard]] std::uint64_t diagnose(const SourceFile& file, const CsvDialect& dialect);

// The line on which a data row, counted from 0, begins.
[[nodiscard]] std::uint64_t find_line(const SourceFile& file, const CsvDialect& dialect, std::size_t row);

}  // namespace astrolabe::readers
