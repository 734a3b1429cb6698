// SPDX-License-Identifier: Apache-2.0
// How one cell of text is understood. Pure; a cell is given trimmed.
//
//   double value = 0;
//   if (parse_cell_number("1.5e3", value)) ...       // true, 1500
//   if (is_missing_marker("?")) ...
#pragma once

#include <optional>
#include <string_view>

namespace astrolabe {

// Without blanks at both ends. Inline: it runs once per cell of a table.
[[nodiscard]] inline std::string_view trim_cell(std::string_view cell) {
  const auto is_blank = [](char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v';
  };
  while (!cell.empty() && is_blank(cell.front())) cell.remove_prefix(1);
  while (!cell.empty() && is_blank(cell.back())) cell.remove_suffix(1);
  return cell;
}

// A decimal number or an infinity ("inf", "-Infinity"), the whole cell. Rounded to nearest; out of range is
// infinite or zero. Not a number here: NaN (a marker), hexadecimal, "1,234", "5 %".
[[nodiscard]] bool parse_cell_number(std::string_view cell, double& value);

// Spellings that always mean a missing cell: the empty cell, ?, NA, N/A, n/a, #N/A, <NA>, NaN, nan, NAN,
// null, NULL, Null.
[[nodiscard]] bool is_missing_marker(std::string_view cell);
// Spellings that mean a missing cell only among numbers and dates; among words they are words: None, -.
[[nodiscard]] bool is_missing_among_numbers(std::string_view cell);

// "00501": a code, which a number would damage. Digits only, at least two, the first of them 0.
[[nodiscard]] bool has_leading_zeros(std::string_view cell);

// The truth value under one of the pairs yes/no, true/false, t/f, y/n, in any case; with `digits` also 1/0.
[[nodiscard]] std::optional<bool> parse_cell_boolean(std::string_view cell, bool digits);
// True when the two cells are the two sides of one of the pairs.
[[nodiscard]] bool is_boolean_pair(std::string_view a, std::string_view b);

}  // namespace astrolabe
