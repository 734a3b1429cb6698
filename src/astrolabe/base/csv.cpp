// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/base/csv.h"

#include "astrolabe/base/text.h"

namespace astrolabe {

std::string csv_cell(std::string_view text) {
  std::string cell(text);
  const bool is_formula =
      !cell.empty() && std::string_view("=+-@\t\r").find(cell[0]) != std::string_view::npos;
  if (is_formula && !parse_number(cell)) cell.insert(cell.begin(), '\'');
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace astrolabe
