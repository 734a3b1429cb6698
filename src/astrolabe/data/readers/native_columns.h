// SPDX-License-Identifier: Apache-2.0
// Arrow's columns as raw columns: text stays where it is, numbers and times become doubles.
#pragma once

#include <filesystem>
#include <string>

#include <arrow/chunked_array.h>

#include "astrolabe/data/raw_table.h"

namespace astrolabe::readers {

// A column of utf8; the chunks keep Arrow's buffers alive.
[[nodiscard]] RawColumn text_column(const std::string& name, const arrow::ChunkedArray& column,
                                    const std::filesystem::path& path);

// A column of any flat type: whole numbers, numbers and decimals as numbers; dates and timestamps as datetime
// (seconds); times of day and durations as numbers (seconds); booleans as "true"/"false"; strings, binary
// text and dictionaries as text; nulls as missing. Throws bad_input that names a nested column.
[[nodiscard]] RawColumn native_column(const std::string& name, const arrow::ChunkedArray& column,
                                      const std::filesystem::path& path);

}  // namespace astrolabe::readers
