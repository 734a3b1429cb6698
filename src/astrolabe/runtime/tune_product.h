// SPDX-License-Identifier: Apache-2.0
// A measured search for the schedule of one product, and what it gains over the default.
//
//   const TunedProduct tuned = tune_product({.m = 8, .n = 512, .k = 512}, {.seconds = 2, .key = key});
//   tuned.schedule;      // the default unless another one is faster beyond noise
//   tuned.times.gain;    // of the best that was found, measured anew
//
// Schedules are drawn, compared with the default in turns, and changed step by step; each has to give the
// default's bytes before it is timed. The winner is simplified and then measured by itself, so that having
// been chosen among many does not flatter it.
#pragma once

#include "astrolabe/base/instruction_set.h"
#include "astrolabe/base/random.h"
#include "astrolabe/gemm/schedule.h"
#include "astrolabe/runtime/paired_times.h"

namespace astrolabe {

struct TuneEffort {
  InstructionSet set = best_instruction_set();
  double seconds = 2;  // about; more only where one product takes longer
  std::size_t threads = 1;
  Key key = {};
};

// Gains below this are not worth an entry, whatever their interval says.
inline constexpr double kLeastGain = 1.01;

struct TunedProduct {
  GemmSchedule best = {};      // found; may be the default
  GemmSchedule schedule = {};  // to keep: `best` when its gain is beyond noise, else the default
  PairedTimes times = {};      // of `best` against the default
  std::size_t tried = 0;       // schedules
};

// Operands are random, contiguous and warm in the caches. For more than one thread the time is that of the
// slowest part, each measured alone. A product of form `other` has no operands here: nothing is tried.
[[nodiscard]] TunedProduct tune_product(const GemmShape& shape, const TuneEffort& effort);

// Two schedules of one product in turns, each after its bytes were compared with the default's.
[[nodiscard]] PairedTimes compare_schedules(const GemmShape& shape, const TuneEffort& effort,
                                            const GemmSchedule& before, const GemmSchedule& after,
                                            std::size_t rounds);

}  // namespace astrolabe
