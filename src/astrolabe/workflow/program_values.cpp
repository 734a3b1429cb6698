// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/program_values.h"

#include <algorithm>
#include <cctype>
#include <limits>
#include <optional>
#include <string>

#include "astrolabe/base/text.h"

namespace astrolabe {
namespace {

bool begins_name(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
}
bool goes_on_in_name(char c) {
  return begins_name(c) || std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '/' ||
         c == '-';
}

// The name that ends just before `end`; empty when there is none.
std::string_view name_before(std::string_view line, std::size_t end) {
  std::size_t begin = end;
  while (begin > 0 && goes_on_in_name(line[begin - 1])) --begin;
  const std::string_view name = line.substr(begin, end - begin);
  // "--loss=1" says it too; "3loss=1" and "é=1" do not.
  const std::size_t first = std::min(name.find_first_not_of('-'), name.size());
  const bool is_name = first < name.size() && begins_name(name[first]);
  const bool is_torn = begin > 0 && static_cast<unsigned char>(line[begin - 1]) >= 0x80;
  return is_name && !is_torn ? name.substr(first) : std::string_view{};
}

std::optional<double> number_of(std::string_view text) {
  if (const std::optional<double> number = parse_number(text)) return number;
  std::string word(text);
  std::ranges::transform(word, word.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const bool is_negative = word.starts_with('-');
  if (is_negative || word.starts_with('+')) word.erase(0, 1);
  if (word == "nan") return std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (word == "inf" || word == "infinity") return is_negative ? -kInfinity : kInfinity;
  return std::nullopt;
}

}  // namespace

void read_program_values(std::string_view line,
                         const std::function<void(std::string_view, double)>& on_value) {
  for (std::size_t equals = line.find('='); equals != std::string_view::npos;
       equals = line.find('=', equals + 1)) {
    const std::string_view name = name_before(line, equals);
    if (name.empty()) continue;
    const std::string_view rest = line.substr(equals + 1);
    const std::string_view text = rest.substr(0, rest.find_first_of(" \t\v\f,;)]}%"));
    if (const std::optional<double> value = number_of(text)) on_value(name, *value);
  }
}

}  // namespace astrolabe
