// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/row_routines.h"

namespace astrolabe::trees {

const RowRoutines& row_routines(InstructionSet set) {
  if (set == InstructionSet::avx512) return avx512_row_routines();
  return set == InstructionSet::avx2 ? avx2_row_routines() : plain_row_routines();
}

const RowRoutines& best_row_routines() {
  static const RowRoutines& kBest = row_routines(best_instruction_set());
  return kBest;
}

}  // namespace astrolabe::trees
