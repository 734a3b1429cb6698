// SPDX-License-Identifier: Apache-2.0
// What a study claims to have found: its best system against what it would replace.
//
//   for (const Finding& finding : findings_of(store, space)) ...   // activation: mlp(...=silu) against relu
//
// Each is one comparison of two systems of the space. First everything that was found together against the
// defaults of its learner (where these lead: they against the next best), then the best of every other
// learner (the star of the learner itself), then each starred slot alone: the found system with the default
// put back into that slot.
#pragma once

#include <string>
#include <vector>

#include "astrolabe/search/study_store.h"
#include "astrolabe/system/system_space.h"

namespace astrolabe {

struct Finding {
  std::string slot;  // "system", "learner", or the setting that differs
  FilledSystem found, baseline;
};

// At most `most`, in that order; none where only one system was tried. Throws
// nothing_fitted for a study without a complete trial.
[[nodiscard]] std::vector<Finding> findings_of(StudyStore& store, const SystemSpace& space, std::size_t most);

}  // namespace astrolabe
