// SPDX-License-Identifier: Apache-2.0
// Formulas put into formulas, as text.
#include "astrolabe/base/error.h"
#include "astrolabe/system/named_spaces.h"

namespace astrolabe {
namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

// A name, a number without a sign, or one call or pair of parentheses around everything.
bool is_atom(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size() && is_word(text[i])) ++i;
  if (i == text.size()) return i > 0;
  if (text[i] != '(') return false;
  int depth = 0;
  for (; i < text.size(); ++i) {
    depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
    if (depth == 0) return i + 1 == text.size();
  }
  return false;
}

}  // namespace

std::string in_parentheses(const std::string& text) {
  return is_atom(text) ? text : "(" + text + ")";
}

std::string tidy_formula(Vocabulary slot, const std::string& text) {
  try {
    return parse_expression(slot, text).text;
  } catch (const Error&) {
    return text;
  }
}

std::string filled(std::string_view text, char mark, const std::string& by) {
  const std::string piece = in_parentheses(by);
  std::string result;
  for (const char c : text) {
    if (c == mark) {
      result += piece;
    } else {
      result += c;
    }
  }
  return result;
}

}  // namespace astrolabe
