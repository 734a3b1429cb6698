// SPDX-License-Identifier: Apache-2.0
// The micro-kernels of an instruction set. Apart from kernels.h, which nothing with inline functions may
// enter.
//
//   kernels_of(InstructionSet::avx2).panel   // 16
#pragma once

#include "astrolabe/base/instruction_set.h"
#include "astrolabe/gemm/kernels.h"

namespace astrolabe {

[[nodiscard]] const Kernels& kernels_of(InstructionSet set);
// Whether a tile of so many rows and columns is compiled.
[[nodiscard]] bool has_tile(const Kernels& kernels, std::size_t rows, std::size_t columns);

}  // namespace astrolabe
