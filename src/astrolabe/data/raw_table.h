// SPDX-License-Identifier: Apache-2.0
// What a reader hands over before types are known: cells as text, or numbers where the format itself has
// types.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/data/column.h"

namespace astrolabe {

// Consecutive cells in one buffer. `owner` keeps the bytes alive.
struct TextChunk {
  const char* bytes = nullptr;
  const std::int32_t* offsets = nullptr;   // [rows + 1] into bytes
  const std::uint8_t* validity = nullptr;  // bit per row, least significant first; null: all valid
  std::size_t rows = 0;
  std::shared_ptr<const void> owner;

  [[nodiscard]] std::string_view cell(std::size_t row) const {
    return {bytes + offsets[row], static_cast<std::size_t>(offsets[row + 1] - offsets[row])};
  }
  [[nodiscard]] bool is_valid(std::size_t row) const {
    return validity == nullptr || ((validity[row / 8] >> (row % 8)) & 1) != 0;
  }
};

// Either `native` is set and `numbers` holds the cells (NaN = null), or the cells are text, still to be
// typed. Native booleans, categories and identifiers come as text, pictures as `pixels`.
struct RawColumn {
  std::string name;
  std::vector<TextChunk> chunks;
  std::optional<ColumnType> native;
  std::vector<double> numbers;
  Pixels pixels = {};
};

struct RawTable {
  std::vector<RawColumn> columns;
  std::size_t rows = 0;
};

}  // namespace astrolabe
