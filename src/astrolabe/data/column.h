// SPDX-License-Identifier: Apache-2.0
// A typed column of a table. Which storage is filled follows from the type:
//
//   number, whole_number   numbers    NaN = missing; infinities are kept as they were read
//   datetime               numbers    seconds since 1970-01-01T00:00:00 (UTC when the text named a zone)
//   boolean, category      codes      index into levels; -1 = missing. Levels are sorted, distinct and
//   non-empty text, identifier       text       cells as read, trimmed; missing cells are marked
//   image                  pixels     one picture a row, all of one shape; missing ones are marked
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/data/pixels.h"

namespace astrolabe {

// A row number of a table. Tables have fewer than 2^32 rows.
using RowIndex = std::uint32_t;

enum class ColumnType : std::uint8_t {
  number,
  whole_number,
  boolean,
  category,
  datetime,
  text,
  identifier,
  image
};
[[nodiscard]] std::string_view column_type_name(ColumnType type);  // "whole number" is "whole_number"
[[nodiscard]] std::optional<ColumnType> find_column_type(std::string_view name);

// Many strings in two buffers.
class TextCells {
 public:
  void reserve(std::size_t rows, std::size_t bytes);
  void add(std::string_view cell);
  void add_missing();
  [[nodiscard]] std::size_t size() const { return missing_.size(); }
  [[nodiscard]] std::string_view operator[](std::size_t row) const;  // empty when missing
  [[nodiscard]] bool is_missing(std::size_t row) const { return missing_[row]; }

 private:
  std::string bytes_;
  std::vector<std::uint64_t> ends_;
  std::vector<bool> missing_;
};

struct Column {
  std::string name;
  ColumnType type = ColumnType::number;
  std::vector<double> numbers;
  std::vector<std::int32_t> codes;
  std::vector<std::string> levels;
  TextCells text;
  Pixels pixels;
  std::vector<bool> no_picture;  // [rows] of an image column where some are missing (their bytes are 0)

  [[nodiscard]] std::size_t rows() const;
  [[nodiscard]] bool is_numeric() const {
    return type <= ColumnType::whole_number || type == ColumnType::datetime;
  }
  [[nodiscard]] bool has_levels() const {
    return type == ColumnType::boolean || type == ColumnType::category;
  }
  [[nodiscard]] bool is_image() const { return type == ColumnType::image; }
  [[nodiscard]] bool is_missing(std::size_t row) const;
  // The cell as a person would write it; empty when missing. Of a picture: "28 x 28 grey picture".
  [[nodiscard]] std::string cell(std::size_t row) const;
};

}  // namespace astrolabe
