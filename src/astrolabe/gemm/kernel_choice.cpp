// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/gemm/kernel_choice.h"

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

}  // namespace astrolabe
