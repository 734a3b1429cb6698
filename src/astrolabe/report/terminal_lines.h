// SPDX-License-Identifier: Apache-2.0
// How text is laid out for the terminal: what every listing of results shares.
//
//   text += bold(style, printable(result.data_path)) + "\n";
//   text += "  notes      " + wrapped(note, style.width, 12) + "\n";
#pragma once

#include <string>
#include <string_view>

#include "astrolabe/report/terminal_text.h"

namespace astrolabe {

// Names come from the data: a control character there must not drive the terminal, and is shown as '?'.
[[nodiscard]] std::string printable(std::string_view text);
// Broken at blanks; lines after the first are indented.
[[nodiscard]] std::string wrapped(std::string_view text, int width, int indent);
// At most `width` bytes, cut between characters, with dots.
[[nodiscard]] std::string shortened(std::string text, std::size_t width);
// In colour when the style has some: an ANSI code around the text.
[[nodiscard]] std::string painted(const TextStyle& style, std::string_view code, std::string_view text);
[[nodiscard]] std::string bold(const TextStyle& style, std::string_view text);

}  // namespace astrolabe
