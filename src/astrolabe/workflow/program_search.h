// SPDX-License-Identifier: Apache-2.0
// Anyone's program as the trial of a study: which of its words are best?
//
//   const ProgramSearchResult result = search_program({.words = {"python3", "train.py", "--lr",
//   "*1e-4..1e-1"},
//                                                      .goal = {.name = "loss"}, .seconds = 60}, *progress);
//   shell_text(result.best_words)                       // python3 train.py --lr 0.0031
//
//   const ProgramSearchResult more = search_program(program_search_of(folder), *progress);  // goes on
//
// The same store, proposers, pruners and loop as every other search. The run's folder holds study.db (or
// study.json, which says where the study is), trials/<id>.log and what the caller adds.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "astrolabe/base/progress.h"
#include "astrolabe/search/search_loop.h"
#include "astrolabe/workflow/program_template.h"
#include "astrolabe/workflow/program_trial.h"

namespace astrolabe {

struct ProgramSearchOptions {
  // The question. A study has one: who goes on with it asks the same.
  std::vector<std::string> words;  // with stars
  ProgramGoal goal;
  std::string slots = {};     // TOML with [slot.NAME] (system/user_spaces.h)
  std::string proposer = {};  // as parse_proposer reads it; empty: the default
  std::string pruner = {};    // as parse_pruner reads it; empty: the default
  double trial_seconds = std::numeric_limits<double>::infinity();
  std::uint64_t seed = 1;

  // What may be spent now, and where.
  double seconds = std::numeric_limits<double>::infinity();
  std::optional<std::uint64_t> trials = {};  // of the whole study
  std::size_t jobs = 1;                      // trials side by side
  std::string study = {};                    // file or URL; empty: study.db in the folder
  std::string study_name = {};               // there; empty: "study" in a file, the program's on a server
  std::filesystem::path out = {};            // empty: runs/<program name>, then -2, -3
  bool is_resumed = false;                   // `out` is there
  double seconds_before = 0;                 // spent by the calls before this one
};

struct ProgramSearchResult {
  std::filesystem::path folder;
  StudyAddress study = {};
  std::optional<TrialRecord> best = {};      // complete
  std::vector<std::string> best_words = {};  // empty without one
  TrialCounts counts = {};
  std::uint64_t trials_here = 0;  // that ended in this call
  SearchStop why = SearchStop::trials;
  double seconds = 0;  // of this call
};

struct ProgramSearchHooks {
  // Before the first trial: what is searched and how, a line for people.
  std::function<void(const std::string&)> on_start = {};
};

// Throws before a folder exists when the words, slots, proposer, pruner or the program are at fault;
// bad_input when the study is there and is about another question; what the store throws. Trials that go
// wrong are failed trials. Ends within 1.5 s of the limit or a signal; a trial that was cut off by either
// runs again when the search goes on.
[[nodiscard]] ProgramSearchResult search_program(const ProgramSearchOptions& options, Progress& progress,
                                                 const ProgramSearchHooks& hooks = {});

// The question of the study in a folder, with its limits: trials as they were, the seconds that are left.
// Throws bad_input when there is none, or that of a table.
[[nodiscard]] ProgramSearchOptions program_search_of(const std::filesystem::path& folder);
// The same for a worker elsewhere: without limits and folder.
[[nodiscard]] ProgramSearchOptions program_search_of(const StudyAddress& address);

}  // namespace astrolabe
