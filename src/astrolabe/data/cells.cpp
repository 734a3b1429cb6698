// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/cells.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>
#include <system_error>

namespace astrolabe {
namespace {

constexpr std::array<std::string_view, 13> kMissing = {"",    "?",   "NA",  "N/A",  "n/a",  "#N/A", "<NA>",
                                                       "NaN", "nan", "NAN", "null", "NULL", "Null"};

struct BooleanPair {
  std::string_view yes, no;
};
constexpr std::array<BooleanPair, 4> kBooleanPairs = {
    {{"yes", "no"}, {"true", "false"}, {"t", "f"}, {"y", "n"}}};

bool equals_caseless(std::string_view cell, std::string_view lower) {
  return cell.size() == lower.size() &&
         std::equal(cell.begin(), cell.end(), lower.begin(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
         });
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

bool parse_cell_number(std::string_view cell, double& value) {
  if (cell.empty()) return false;
  const bool plus = cell.front() == '+';
  if (plus) cell.remove_prefix(1);
  const std::string_view body = !plus && !cell.empty() && cell.front() == '-' ? cell.substr(1) : cell;
  if (body.empty()) return false;
  if (!is_digit(body.front()) && body.front() != '.' && !equals_caseless(body, "inf") &&
      !equals_caseless(body, "infinity"))
    return false;
  const char* begin = cell.data();
  const char* end = begin + cell.size();
  const auto [stop, error] = std::from_chars(begin, end, value);
  if (stop != end) return false;
  if (error == std::errc()) return true;
  if (error != std::errc::result_out_of_range) return false;
  value = std::strtod(std::string(cell).c_str(), nullptr);
  return true;
}

bool is_missing_marker(std::string_view cell) {
  return cell.size() <= 4 && std::find(kMissing.begin(), kMissing.end(), cell) != kMissing.end();
}

bool is_missing_among_numbers(std::string_view cell) {
  return cell == "None" || cell == "-";
}

bool has_leading_zeros(std::string_view cell) {
  return cell.size() >= 2 && cell.front() == '0' && std::all_of(cell.begin(), cell.end(), is_digit);
}

std::optional<bool> parse_cell_boolean(std::string_view cell, bool digits) {
  if (digits && (cell == "1" || cell == "0")) return cell == "1";
  for (const BooleanPair& pair : kBooleanPairs) {
    if (equals_caseless(cell, pair.yes)) return true;
    if (equals_caseless(cell, pair.no)) return false;
  }
  return std::nullopt;
}

bool is_boolean_pair(std::string_view a, std::string_view b) {
  return std::any_of(kBooleanPairs.begin(), kBooleanPairs.end(), [&](const BooleanPair& pair) {
    return (equals_caseless(a, pair.yes) && equals_caseless(b, pair.no)) ||
           (equals_caseless(a, pair.no) && equals_caseless(b, pair.yes));
  });
}

}  // namespace astrolabe
