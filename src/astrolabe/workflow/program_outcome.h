// SPDX-License-Identifier: Apache-2.0
// What a search over a program's words has come to, for people and for programs.
//
//   const ProgramOutcome outcome = read_outcome(options, search_program(options, *progress));
//   write_outcome(outcome);                                   // report.html and result.json of the folder
//   fmt::print("{}", outcome_text(outcome, style));
#pragma once

#include <string>

#include "astrolabe/report/search_result.h"
#include "astrolabe/report/terminal_text.h"
#include "astrolabe/workflow/program_search.h"

namespace astrolabe {

struct ProgramOutcome {
  ProgramSearchResult result;
  SearchResult found;    // the study as a whole
  std::string question;  // the command with its stars
};

// Reads the study again: other searches may have added to it.
[[nodiscard]] ProgramOutcome read_outcome(const ProgramSearchOptions& options,
                                          const ProgramSearchResult& result);
void write_outcome(const ProgramOutcome& outcome);
// The study as every search shows it, then the best command, ready to be copied.
[[nodiscard]] std::string outcome_text(const ProgramOutcome& outcome, const TextStyle& style);
// The fields are listed in cli/search.cpp.
[[nodiscard]] std::string outcome_json(const ProgramOutcome& outcome);

}  // namespace astrolabe
