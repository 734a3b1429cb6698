// SPDX-License-Identifier: Apache-2.0
// The schedule of one product, by a measured search (schedule_search.h).
//
//   const TunedProduct tuned = tune_product({.m = 8, .n = 512, .k = 512}, {.seconds = 2, .key = key});
//   tuned.schedule;      // the default unless another one is faster beyond noise
#pragma once

#include "astrolabe/gemm/schedule.h"
#include "astrolabe/runtime/schedule_search.h"

namespace astrolabe {

using TunedProduct = Tuned<GemmSchedule>;

// Operands are random, contiguous and warm in the caches. For more than one thread the time is that of the
// slowest part, each measured alone. A product of form `other` has no operands here: nothing is tried.
[[nodiscard]] TunedProduct tune_product(const GemmShape& shape, const TuneEffort& effort);

// Two schedules of one product in turns, each after its bytes were compared with the default's.
[[nodiscard]] PairedTimes compare_schedules(const GemmShape& shape, const TuneEffort& effort,
                                            const GemmSchedule& before, const GemmSchedule& after,
                                            std::size_t rounds);

}  // namespace astrolabe
