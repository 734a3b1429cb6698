// SPDX-License-Identifier: Apache-2.0
// Where each instruction of a nest belongs: as far out as what it depends on lets it.
//
//   const NestAnalysis analysis(code);
//   analysis.order          // {0, 2, 1}: loop 2, the innermost, is walked before the reduced loop 1
//   analysis.depth[i]       // instruction i stands inside so many loops of the order
//   analysis.is_vector[i]   // it differs along the innermost loop
#pragma once

#include <cstddef>
#include <vector>

#include "astrolabe/lower/nest.h"

namespace astrolabe {

struct NestAnalysis {
  // Throws InternalError when the nest is not valid. `wanted`: the order of loops, one that the nest allows
  // (nest_orders); empty: from the outermost one.
  explicit NestAnalysis(const NestCode& code, std::vector<std::size_t> wanted = {});

  std::vector<std::size_t> order;       // loops, from the first that is entered
  std::size_t inner_depth = 0;          // depth inside the innermost loop (the vectors)
  std::vector<std::size_t> depth;       // per instruction: 0 outside all loops
  std::vector<bool> is_vector;          // per instruction
  std::vector<bool> is_read_by_vector;  // per instruction: something along the innermost loop reads it
};

}  // namespace astrolabe
