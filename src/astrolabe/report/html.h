// SPDX-License-Identifier: Apache-2.0
// Text into HTML and SVG. Names and cells come from the data and are attacker text: everything passes
// `escape_html`.
#pragma once

#include <string>
#include <string_view>

namespace astrolabe {

// & < > " ' escaped; control characters and invalid UTF-8 replaced by U+FFFD. Safe in text and in quoted
// attributes.
[[nodiscard]] std::string escape_html(std::string_view text);
// The same, cut to about `max_characters` with an ellipsis.
[[nodiscard]] std::string escape_html_short(std::string_view text, std::size_t max_characters);

}  // namespace astrolabe
