// SPDX-License-Identifier: Apache-2.0
// The schedule of one convolution, by a measured search (schedule_search.h).
//
//   const std::optional<ConvolveStep> step = parse_convolve_class("conv 64x28x28x16 3x3x32");
//   const TunedConvolution tuned = tune_convolution(*step, {.seconds = 2, .key = key});
//   tuned.schedule;      // the default unless another one is faster beyond noise
#pragma once

#include "astrolabe/gemm/convolve_schedule.h"
#include "astrolabe/lower/plan.h"
#include "astrolabe/runtime/schedule_search.h"

namespace astrolabe {

using TunedConvolution = Tuned<ConvolveSchedule>;

// Of one member of the step's batch. Operands are random and as warm as the caches can hold them; the whole
// is computed by one thread, whatever `effort` says.
[[nodiscard]] TunedConvolution tune_convolution(const ConvolveStep& step, const TuneEffort& effort);

// Two schedules in turns, each after its bytes were compared with the default's.
[[nodiscard]] PairedTimes compare_convolve_schedules(const ConvolveStep& step, const TuneEffort& effort,
                                                     const ConvolveSchedule& before,
                                                     const ConvolveSchedule& after, std::size_t rounds);

}  // namespace astrolabe
