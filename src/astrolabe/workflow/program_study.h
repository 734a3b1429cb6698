// SPDX-License-Identifier: Apache-2.0
// What a study of a stranger's program keeps, so that it can be gone on with: the question in its head, which
// never changes, and in its notes what may be spent and what was.
//
//   StudyStore store = begin_study(options, program, study_address(options, folder));
//   note_spending(store, options, seconds);
//   const ProgramSearchOptions same = program_search_of(folder);     // program_search.h
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "astrolabe/search/proposer.h"
#include "astrolabe/search/pruner.h"
#include "astrolabe/search/study_store.h"
#include "astrolabe/workflow/program_search.h"

namespace astrolabe {

// ---- The parts of the question. Each throws usage_error, or bad_input for the slots.
[[nodiscard]] ProgramTemplate program_of(const ProgramSearchOptions& options);
[[nodiscard]] std::unique_ptr<Proposer> make_proposer(const ProgramSearchOptions& options, const Space& space,
                                                      Key key);
[[nodiscard]] std::unique_ptr<const Pruner> make_pruner(const ProgramSearchOptions& options);
// Throws usage_error when nothing of that name could be executed.
void require_program(const std::string& name);

// ---- Where it is.
// runs/<the program's, or its script's, name>, then -2, -3: the first that can be made. A told folder that
// exists is a usage_error.
[[nodiscard]] std::filesystem::path make_folder(const ProgramSearchOptions& options);
// The folder counts only when the study lives in it; a name on a server is the program's unless said.
[[nodiscard]] StudyAddress study_address(const ProgramSearchOptions& options,
                                         const std::filesystem::path& folder);

// ---- The study.
// Begins it, or joins the one that is there. Throws bad_input when that one asks something else.
[[nodiscard]] StudyStore begin_study(const ProgramSearchOptions& options, const ProgramTemplate& program,
                                     const StudyAddress& address);
// Notes what may be spent; a study elsewhere is named by study.json in the folder.
void note_beginning(StudyStore& store, const ProgramSearchOptions& options, const StudyAddress& address,
                    const std::filesystem::path& folder);
// The seconds of this call, beside those of the calls before.
void note_spending(StudyStore& store, const ProgramSearchOptions& options, double seconds);

}  // namespace astrolabe
