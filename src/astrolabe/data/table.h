// SPDX-License-Identifier: Apache-2.0
// A table: named, typed columns of equal length. [rows, columns], column-major.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/data/column.h"

namespace astrolabe {

class Table {
 public:
  Table() = default;
  // All columns have the same number of rows; names are distinct (ASTROLABE_CHECK).
  explicit Table(std::vector<Column> columns);

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::span<const Column> columns() const { return columns_; }
  [[nodiscard]] const Column& column(std::size_t index) const { return columns_[index]; }
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;
  // Throws bad_input that offers the nearest name; `role` says what the column was wanted for ("target").
  [[nodiscard]] const Column& require(std::string_view name, std::string_view role) const;
  [[nodiscard]] std::vector<std::string> names() const;

  // Copies of some rows, in the given order (repeats allowed), or of all but some columns. Levels are kept as
  // they are.
  [[nodiscard]] Table take_rows(std::span<const RowIndex> rows) const;
  [[nodiscard]] Table without_columns(std::span<const std::string> names) const;

 private:
  std::vector<Column> columns_;
  std::size_t rows_ = 0;
};

// A hash of names, types and cells: the identity of the data in provenance. Independent of the file's format.
[[nodiscard]] std::uint64_t hash_table(const Table& table);

}  // namespace astrolabe
