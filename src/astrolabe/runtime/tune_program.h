// SPDX-License-Identifier: Apache-2.0
// What schedules gain in a whole program, where operands come and go as they do in earnest: not the mean of
// what its steps gained by themselves.
//
//   const auto none = std::make_shared<const Schedules>();
//   const PairedTimes times = compare_programs(step, none, tuned, {.seconds = 1, .key = key});
//   times.gain;      // none / tuned, with its interval
#pragma once

#include <memory>

#include "astrolabe/runtime/program.h"
#include "astrolabe/runtime/schedule_search.h"
#include "astrolabe/runtime/schedules.h"

namespace astrolabe {

// The program compiled by each, run by this thread in turns of at least two runs on the same memory: states
// renewed, floats between 0.05 and 0.95, whole numbers counting up, scalars of a half. First both have to
// leave the same bytes. As many turns as fit `effort.seconds`, 9 to 41. Not beside compile() of other
// threads: uses and gives back the schedules of this process. Throws what compile() throws.
[[nodiscard]] PairedTimes compare_programs(const Program& program,
                                           const std::shared_ptr<const Schedules>& before,
                                           const std::shared_ptr<const Schedules>& after,
                                           const TuneEffort& effort);

}  // namespace astrolabe
