// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/readers/text_encoding.h"

#include <optional>
#include <string>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"

namespace astrolabe::readers {

void require_text(const SourceFile& file, std::string_view beginning) {
  if (beginning.starts_with("\xFF\xFE") || beginning.starts_with("\xFE\xFF"))
    throw bad_input({.attempted = attempt(file.path),
                     .expected = "text in UTF-8",
                     .found = "text in UTF-16",
                     .remedy = "Save it as UTF-8."});
  if (const std::size_t zero = beginning.find('\0'); zero != std::string_view::npos)
    throw bad_input({.attempted = attempt(file.path),
                     .expected = "a table: text, Parquet, Feather or JSON lines",
                     .found = fmt::format("binary data (a zero byte at offset {})", zero),
                     .remedy = "Convert it to one of these."});
}

void require_utf8(const SourceFile& file) {
  std::optional<std::uint64_t> found;
  std::string window;
  std::uint64_t window_begin = 0;
  // A character may be cut by the end of a piece: up to three bytes wait for the next one.
  const auto check = [&](std::size_t may_wait) {
    const std::optional<std::size_t> at = find_invalid_utf8(window);
    const std::size_t valid = at.value_or(window.size());
    if (window.size() - valid > may_wait) {
      found = window_begin + valid;
      return false;
    }
    window.erase(0, valid);
    window_begin += valid;
    return true;
  };
  for_each_piece(file, [&](std::string_view piece) {
    window.append(piece);
    return check(3);
  });
  if (!found) check(0);
  if (!found) return;
  throw bad_input({.attempted = attempt(file.path),
                   .expected = "text in UTF-8",
                   .found = fmt::format("a byte that is not, at offset {}", *found),
                   .remedy = "Convert the file, for example with iconv -t UTF-8."});
}

}  // namespace astrolabe::readers
