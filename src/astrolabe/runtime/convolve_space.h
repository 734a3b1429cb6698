// SPDX-License-Identifier: Apache-2.0
// The schedules that a convolution may have on an instruction set: where a search begins, and its steps.
//
//   for (const ConvolveSchedule& schedule : first_convolve_schedules(step, set)) ...
//   const ConvolveSchedule next = changed(schedule, step, set, random);
//
// Every one of them gives the same bytes, and is_runnable on its set.
#pragma once

#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/gemm/convolve_schedule.h"
#include "astrolabe/lower/plan.h"

namespace astrolabe {

// Each tile at its full height, bands, and every other choice by itself. The default is not among them.
[[nodiscard]] std::vector<ConvolveSchedule> first_convolve_schedules(const ConvolveStep& step,
                                                                     InstructionSet set);

// One to three choices made anew.
[[nodiscard]] ConvolveSchedule changed(ConvolveSchedule schedule, const ConvolveStep& step,
                                       InstructionSet set, RandomStream& random);

// Each of its choices left to the default, one at a time, as far as it then runs on the set.
[[nodiscard]] std::vector<ConvolveSchedule> simplified(const ConvolveSchedule& schedule, InstructionSet set);

}  // namespace astrolabe
