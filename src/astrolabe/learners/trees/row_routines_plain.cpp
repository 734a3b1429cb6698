// SPDX-License-Identifier: Apache-2.0
// The routines for any x86-64 (SSE2).
#include "astrolabe/learners/trees/row_routines.h"

#define ASTROLABE_ROW_VECTOR_BYTES 16
#define ASTROLABE_ROW_ANY(mask) (((mask)[0] | (mask)[1]) != 0)
#define ASTROLABE_ROW_GATHER(base, places) (Wholes{(base)[(places)[0]], (base)[(places)[1]]})

namespace astrolabe::trees {
namespace {

#include "astrolabe/learners/trees/row_routines.inc"

}  // namespace

const RowRoutines& plain_row_routines() {
  static constexpr RowRoutines kRoutines = {
      find_best,    find_best_cell, assign_plainly,  find_logistic,      pack,
      find_largest, widen,          collect_plainly, count_left_plainly, split_plainly};
  return kRoutines;
}

}  // namespace astrolabe::trees
