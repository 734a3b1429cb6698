// SPDX-License-Identifier: Apache-2.0
// Arrow's columns as raw columns: text stays where it is, numbers and times become doubles.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <arrow/chunked_array.h>
#include <arrow/table.h>
#include <arrow/type.h>

#include "astrolabe/data/raw_table.h"

namespace astrolabe::readers {

// A column of utf8; the chunks keep Arrow's buffers alive.
[[nodiscard]] RawColumn text_column(const std::string& name, const arrow::ChunkedArray& column,
                                    const std::filesystem::path& path);

// A whole table of native columns, under these names, freeing Arrow's columns one by one. Throws bad_input
// when it has no rows.
[[nodiscard]] RawTable native_table(const std::vector<std::string>& names,
                                    std::shared_ptr<arrow::Table> table, const std::filesystem::path& path);

// A column of any flat type: whole numbers, numbers and decimals as numbers; dates and timestamps as datetime
// (seconds); times of day and durations as numbers (seconds); booleans as "true"/"false"; strings, binary
// text and dictionaries as text; nulls as missing. The type passes require_flat.
[[nodiscard]] RawColumn native_column(const std::string& name, const arrow::ChunkedArray& column,
                                      const std::filesystem::path& path);

// Throws bad_input that names a column of lists, maps or structs.
void require_flat(const std::string& name, const arrow::DataType& type, const std::filesystem::path& path);

}  // namespace astrolabe::readers
