// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/gemm/kernel_choice.h"

#include <iterator>

namespace astrolabe {

const Kernels& kernels_of(InstructionSet set) {
  switch (set) {
    case InstructionSet::plain:
      return plain_kernels();
    case InstructionSet::avx2:
      return avx2_kernels();
    case InstructionSet::avx512:
      break;
  }
  return avx512_kernels();
}

bool has_tile(const Kernels& kernels, std::size_t rows, std::size_t columns) {
  const std::size_t vectors = columns / kernels.lanes;
  return rows != 0 && columns % kernels.lanes == 0 && vectors != 0 &&
         vectors <= std::size(kernels.most_rows) && rows <= kernels.most_rows[vectors - 1];
}

}  // namespace astrolabe
