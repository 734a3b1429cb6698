// SPDX-License-Identifier: Apache-2.0
// The blocks that pages are built of. A page is one file: no script, nothing from the network (its
// Content-Security-Policy says so), styles from page_style.h.
//
//   html_page("digits", section("Search", panel("Best so far", chart)))
//
// Titles, values and contents are HTML: whatever comes from the data has passed escape_html before.
#pragma once

#include <string>
#include <string_view>

namespace astrolabe {

[[nodiscard]] std::string html_page(std::string_view title, const std::string& content);
// Its anchor is the title in small letters with dashes.
[[nodiscard]] std::string section(std::string_view title, const std::string& content);
// Links to the sections of a page.
[[nodiscard]] std::string contents(std::string_view page);
// A framed part with a heading; nothing without content.
[[nodiscard]] std::string panel(std::string_view title, const std::string& content);
// A number to be seen first.
[[nodiscard]] std::string figure(std::string_view value, std::string_view caption);

// Where a page takes in chapters that other commands write later; nothing is seen there.
inline constexpr std::string_view kChapterPlace = "<!--chapters-->\n";
// The page with a chapter (sections) put there, or put in place of the one of that name, its links renewed.
// Chapters stand in the order in which they came first. The page itself when it has no such place: no report,
// or an old one.
[[nodiscard]] std::string with_chapter(std::string_view page, std::string_view name,
                                       const std::string& sections);

}  // namespace astrolabe
