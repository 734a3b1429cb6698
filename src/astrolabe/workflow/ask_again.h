// SPDX-License-Identifier: Apache-2.0
// The question of a run again: the same rows open, the same sealed, the same space.
//
//   RunOfFolder folder = open_run("runs/digits", "explaining");
//   Run run = run_again(folder, progress, threads, seconds);
//   const SameQuestion question = ask_again(run, "runs/digits", folder.head, "Explain it with the version
//   that ran it."); question.prepared.data.features            // open rows; what is sealed stays so
#pragma once

#include <filesystem>
#include <string>

#include "astrolabe/workflow/run_preparation.h"
#include "astrolabe/workflow/run_study.h"

namespace astrolabe {

struct SameQuestion {
  Sealing sealing;
  Prepared prepared;
};

// The run of the folder with other limits and its own seed; the folder and the progress have to outlive it.
[[nodiscard]] Run run_again(const RunOfFolder& folder, Progress& progress, std::size_t threads,
                            double seconds);

// Reads the data and fills run.result's request. Opens nothing. Throws bad_input for data, options or a space
// that are others now; `remedy` says what to do then.
[[nodiscard]] SameQuestion ask_again(Run& run, const std::filesystem::path& folder, const StudyHead& head,
                                     const std::string& remedy);

}  // namespace astrolabe
