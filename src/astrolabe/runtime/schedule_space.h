// SPDX-License-Identifier: Apache-2.0
// The schedules that a product may have on an instruction set: where a search begins, and its steps.
//
//   for (const GemmSchedule& schedule : first_schedules(shape, set)) ...
//   const GemmSchedule next = changed(schedule, shape, set, random);
//
// Every one of them gives the same bytes, and is_runnable on its set.
#pragma once

#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/gemm/schedule.h"

namespace astrolabe {

// Each tile at its full height with and without prefetching; then the likely other choices beside them. The
// default is not among them.
[[nodiscard]] std::vector<GemmSchedule> first_schedules(const GemmShape& shape, InstructionSet set);

// One to three choices made anew; of more than one thread the split, too.
[[nodiscard]] GemmSchedule changed(GemmSchedule schedule, const GemmShape& shape, InstructionSet set,
                                   std::size_t threads, RandomStream& random);

// Each of its choices left to the default, one at a time: what a simpler schedule would be.
[[nodiscard]] std::vector<GemmSchedule> simplified(const GemmSchedule& schedule);

}  // namespace astrolabe
