// SPDX-License-Identifier: Apache-2.0
// Runs a convolution of a plan, or one thread's part of it, or a few pictures of it.
//
//   run_convolve(step, addresses, {set, part, parts}, scratch);   // addresses of a, b and the result
#pragma once

#include <cstddef>

#include "astrolabe/base/instruction_set.h"
#include "astrolabe/gemm/convolve_schedule.h"
#include "astrolabe/gemm/gemm.h"
#include "astrolabe/lower/plan.h"

namespace astrolabe {

struct ConvolveShare {
  InstructionSet set;
  std::size_t part = 0, parts = 1;
  // Equal parts of the pictures of a step without a batch, each of which is shared out. What is pulled back
  // to filters is added up picture by picture: its chunks come in order.
  std::size_t chunk = 0, chunks = 1;
  ConvolveSchedule schedule = {};
};

// Parts are runs of independent elements of the result, so any number of parts and any schedule give the same
// bytes. Thread-safe for different parts of a chunk with scratch of their own.
void run_convolve(const ConvolveStep& step, std::byte* const* addresses, const ConvolveShare& share,
                  GemmScratch& scratch);

[[nodiscard]] double convolve_work(const ConvolveStep& step);  // multiply-adds

}  // namespace astrolabe
