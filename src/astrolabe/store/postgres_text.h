// SPDX-License-Identifier: Apache-2.0
// Texts that pass between us and PostgreSQL, without a connection: so that they can be tested alone.
//
//   numbered_placeholders("a = ? AND b = '?'")          // a = $1 AND b = '?'
//   blame_of("40001")                                   // Blame::conflict
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace astrolabe {

// `?` outside of quotes becomes $1, $2, ...
[[nodiscard]] std::string numbered_placeholders(std::string_view sql);

// What an error means for the one who ran the statement.
enum class Blame : std::uint8_t {
  conflict,    // another transaction was in the way: run this one again
  connection,  // the server goes, comes, or is full of guests: connect again
  disk,        // full, or out of memory
  rights,      // we may not
  other,
};
// By SQLSTATE, five characters (PostgreSQL 15, appendix A).
[[nodiscard]] Blame blame_of(std::string_view sqlstate);

// Whether a refused connection may work later. `message` is libpq's: "FATAL: ..." is what the server said;
// without it there was none.
[[nodiscard]] bool may_connect_later(std::string_view message);

// The first line, without the newline at its end.
[[nodiscard]] std::string first_line(std::string_view message);

}  // namespace astrolabe
