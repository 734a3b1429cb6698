// SPDX-License-Identifier: Apache-2.0
// What a measured time belongs to: a processor, its instruction set and caches, and the build that ran.
//
//   machine_key(InstructionSet::avx512);   // "Intel(R) Xeon(R) Processor, 6/167/1, avx512,
//   48K/2048K/491520K,
//                                          // astrolabe 0.1.0"
#pragma once

#include <string>

#include "astrolabe/base/instruction_set.h"

namespace astrolabe {

// Equal on machines that schedules can be shared between. Cost: reads /proc/cpuinfo once per process.
// Thread-safe.
[[nodiscard]] std::string machine_key(InstructionSet set);

}  // namespace astrolabe
