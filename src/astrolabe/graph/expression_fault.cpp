// SPDX-License-Identifier: Apache-2.0
// What the parser of expressions says when a text is wrong: the sentence, then the text with a caret under
// the character.
#include <algorithm>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/graph/expression_parser.h"
#include "astrolabe/graph/math_table.h"
#include "astrolabe/graph/vocabulary.h"

namespace astrolabe {
namespace {

constexpr std::size_t kShownBefore = 60;
constexpr std::size_t kShownBehind = 30;

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

// One line in which every character is one column wide: what cannot be shown is a question mark.
std::string shown(std::string_view text) {
  const bool is_valid = !find_invalid_utf8(text);
  std::string line;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\t' || c == '\n' || c == '\r') {
      line += ' ';
    } else if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !is_valid)) {
      line += '?';
    } else {
      line += c;
    }
  }
  return line;
}

std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, begins_character));
}

std::string picture(std::string_view text, std::size_t at) {
  std::size_t begin = at > kShownBefore ? at - kShownBefore : 0;
  std::size_t end = std::min(text.size(), at + kShownBehind);
  while (begin < at && !begins_character(text[begin])) ++begin;
  while (end < text.size() && !begins_character(text[end])) ++end;
  const std::string before = (begin > 0 ? "..." : "") + shown(text.substr(begin, at - begin));
  const std::string behind = shown(text.substr(at, end - at)) + (end < text.size() ? "..." : "");
  return fmt::format("\n  {}{}\n  {}^", before, behind, std::string(columns(before), ' '));
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

std::string ExpressionParser::token_at(std::size_t at) const {
  if (at >= text_.size()) return "the end of the text";
  std::size_t end = at + 1;
  if (is_word(text_[at])) {
    while (end < text_.size() && is_word(text_[end]) && end - at < kShownBefore) ++end;
  } else {
    while (end < text_.size() && !begins_character(text_[end])) ++end;
  }
  return fmt::format("'{}'", shown(text_.substr(at, end - at)));
}

void ExpressionParser::fail(const Fault& fault) const {
  throw usage_error({.attempted = fmt::format("reading the {}", vocabulary_name(build_.vocabulary())),
                     .expected = fault.expected,
                     .found = fault.found.empty() ? token_at(fault.at) : fault.found,
                     .remedy = fault.remedy + picture(text_, std::min(fault.at, text_.size()))});
}

void ExpressionParser::fail_unknown(std::string_view name, std::size_t at, bool is_call) const {
  std::vector<std::string> known = reading_.macros.names;
  for (const auto& [parameter, node] : parameters_) known.push_back(parameter);
  std::ranges::sort(known);  // the order of the map is not ours
  for (const MathRow& row : math_rows()) known.emplace_back(row.name);
  for (const FunctionRow& row : function_rows())
    if (!row.has_memory || build_.vocabulary() == Vocabulary::optimizer) known.emplace_back(row.name);
  for (const VariableRow& row : variable_rows())
    if (!is_call && has_meaning(row, build_.vocabulary())) known.emplace_back(row.name);
  if (!is_call && build_.vocabulary() == Vocabulary::activation)
    known.insert(known.end(), kTrainableNames.begin(), kTrainableNames.end());
  if (!is_call) known.emplace_back("pi");
  const auto nearest = nearest_name(name, known);
  std::string written = written_in(build_.vocabulary());
  written[0] = 'A';
  fail({.at = at,
        .expected = fmt::format("{} of {}", is_call ? "a function" : "a variable, number or named part",
                                with_article(build_.vocabulary())),
        .found = {},
        .remedy = nearest ? fmt::format("Did you mean {}?", *nearest) : written + "."});
}

void ExpressionParser::fail_misplaced(std::string_view name, std::size_t at) const {
  const VariableRow* variable = find_variable(name);
  const std::string meaning =
      variable != nullptr
          ? fmt::format("{} is {} and has no meaning here", name, variable->meaning)
          : fmt::format("{} is a number that is trained along, which only activations have", name);
  fail({.at = at,
        .expected = fmt::format("a variable of {}", with_article(build_.vocabulary())),
        .found = {},
        .remedy = fmt::format("{}: {}.", meaning, written_in(build_.vocabulary()))});
}

void ExpressionParser::fail_trailing() const {
  const std::size_t at = at_;
  const char c = peek();
  const bool is_comparison = c == '<' || c == '>' || c == '=';
  fail({.at = at,
        .expected = "an operator or the end",
        .found = {},
        .remedy = c == ')'        ? "There is no ( that it closes."
                  : is_comparison ? "Comparisons stand inside where(a < b, u, v) only."
                                  : "Operators are + - * / ^."});
}

}  // namespace astrolabe
