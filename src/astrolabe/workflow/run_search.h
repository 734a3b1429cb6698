// SPDX-License-Identifier: Apache-2.0
// The search step of a run, and the same search again on other rows, by which a resampled score judges it.
#pragma once

#include <filesystem>

#include "astrolabe/workflow/honest_score.h"
#include "astrolabe/workflow/run_preparation.h"
#include "astrolabe/workflow/selection.h"

namespace astrolabe {

class StudyStore;

// Searches within the run's time, a third of it when a resampled score is to follow; saves the model that
// leads into the folder as it goes.
[[nodiscard]] Selection search_for_run(Run& run, const Prepared& prepared, StudyStore& store,
                                       const std::filesystem::path& folder, bool must_resample);

// What the study found, into the result; nothing where there was only a list to try.
void record_search(Run& run, const Prepared& prepared, const std::filesystem::path& folder);

// The same search with a study of its own that nobody keeps.
[[nodiscard]] Selection search_again(Run& run, const SystemSpace& space, const InnerSelection& inner);

}  // namespace astrolabe
