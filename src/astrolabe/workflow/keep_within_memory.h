// SPDX-License-Identifier: Apache-2.0
// The step of a run that keeps it under --memory: fewer rows where the rest does not fit, said; nets that
// compute more again before that; the rows of the study where it goes on with one.
//
//   keep_within_memory(run, data, {.has_nets = true});
#pragma once

#include "astrolabe/workflow/memory_cap.h"
#include "astrolabe/workflow/run_state.h"
#include "astrolabe/workflow/sealing.h"

namespace astrolabe {

// Sets run.drawn.searched and run.fits_limit. A limit that cannot be kept is a warning that says which could.
// Throws usage_error where a study that was begun needs more.
void keep_within_memory(Run& run, OpenData& data, const FitsOfRun& fits);

}  // namespace astrolabe
