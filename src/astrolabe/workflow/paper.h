// SPDX-License-Identifier: Apache-2.0
// The papers of a run's folder: its page, into which later commands put their chapters, and the same as
// Markdown and JSON.
//
//   add_chapter("runs/digits", "evidence", evidence_chapter(result));     // into runs/digits/report.html
//   fmt::print("{}", paper_markdown(paper_files("runs/digits")));
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "astrolabe/report/paper.h"

namespace astrolabe {

// Throws bad_input where there is no result.json: no run, or one that has not ended.
[[nodiscard]] PaperFiles paper_files(const std::filesystem::path& folder);

// Puts the chapter into report.html, or in place of its older self; a folder without a report stays without.
void add_chapter(const std::filesystem::path& folder, std::string_view name, const std::string& sections);

}  // namespace astrolabe
