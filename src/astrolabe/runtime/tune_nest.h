// SPDX-License-Identifier: Apache-2.0
// A measured search for the schedule of one nest of a plan: few choices, so all of them are tried, each by
// itself, and then the best of each kind together.
//
//   const TunedNest tuned = tune_nest(plan, nest, {.seconds = 0.5, .key = key});
#pragma once

#include "astrolabe/codegen/nest_compiler.h"
#include "astrolabe/lower/plan.h"
#include "astrolabe/runtime/schedule_search.h"

namespace astrolabe {

using TunedNest = Tuned<NestSchedule>;

// `nest` is a step of the plan. It runs on memory of its own: floats between 0.05 and 0.95, zeros elsewhere,
// renewed before each burst, since a nest may write what it reads. Each schedule has to give the default's
// bytes. Costs a millisecond of compiling per schedule.
[[nodiscard]] TunedNest tune_nest(const Plan& plan, const NestStep& nest, const TuneEffort& effort);

}  // namespace astrolabe
