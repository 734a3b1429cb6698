// SPDX-License-Identifier: Apache-2.0
// A worker: helps with a study, on this machine or another. Of a run: it reads the same data, tries systems
// and stores what came of them; the run that began the study chooses and ships. Of a program: it runs the
// program.
//
//   const WorkResult done = work({.study = {.url = "postgresql://host/db", .name = "digits"}}, progress);
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>

#include "astrolabe/base/progress.h"
#include "astrolabe/search/study_store.h"

namespace astrolabe {

struct WorkOptions {
  StudyAddress study;
  std::optional<std::filesystem::path> data = {};  // where the table is here, when not where it was there
  double seconds = std::numeric_limits<double>::infinity();  // until the study ends
  std::size_t threads = 0;                                   // 0: all cores
};

struct WorkResult {
  std::uint64_t trials = 0;  // that ended here
  std::string study;         // what was asked, as typed
};

// Ends when the study does, or with the time, or by a signal. Throws bad_input when the data differs from
// that of the study, usage_error when there is no such study.
[[nodiscard]] WorkResult work(const WorkOptions& options, Progress& progress);

}  // namespace astrolabe
