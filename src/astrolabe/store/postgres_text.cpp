// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/store/postgres_text.h"

#include <algorithm>
#include <array>

namespace astrolabe {

std::string numbered_placeholders(std::string_view sql) {
  std::string out;
  out.reserve(sql.size() + 16);
  std::size_t count = 0;
  char quote = 0;
  for (const char c : sql) {
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '?') {
      out += '$' + std::to_string(++count);
      continue;
    }
    out += c;
  }
  return out;
}

Blame blame_of(std::string_view sqlstate) {
  if (sqlstate == "40001" || sqlstate == "40P01" || sqlstate == "55P03") return Blame::conflict;
  // 57P01..05: shut down, crashed, starting, dropped, idle too long. 25P03: idle inside a transaction.
  if (sqlstate.starts_with("08") || sqlstate.starts_with("57P") || sqlstate == "53300" || sqlstate == "25P03")
    return Blame::connection;
  if (sqlstate == "53100" || sqlstate == "53200" || sqlstate.starts_with("58")) return Blame::disk;
  if (sqlstate == "42501" || sqlstate == "25006" || sqlstate.starts_with("28")) return Blame::rights;
  return Blame::other;
}

bool may_connect_later(std::string_view message) {
  if (message.starts_with("invalid ")) return false;  // a word of the address
  const std::size_t fatal = message.find("FATAL:");
  if (fatal == std::string_view::npos) return true;
  constexpr std::array<std::string_view, 7> kPassing = {
      "starting up",       "shutting down", "recovery", "too many", "remaining connection slots",
      "not yet accepting", "not accepting"};
  return std::ranges::any_of(
      kPassing, [&](std::string_view words) { return message.find(words, fatal) != std::string_view::npos; });
}

std::string first_line(std::string_view message) {
  return std::string(message.substr(0, message.find('\n')));
}

}  // namespace astrolabe
