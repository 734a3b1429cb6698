// SPDX-License-Identifier: Apache-2.0
// Which rows a column says are for judging.
//
//   std::vector<bool> held_out = given_part(table.require("part", "split"));
//
// Words, whatever their case:  train, training, fit                                             train
//                              test, testing, valid, validation, val, eval, holdout, hold-out   judge
// Two values, boolean or 0/1:  the column's name says what true means: "is_train" or "is_test"
// Other whole numbers:         fold numbers; the largest judges
#pragma once

#include <vector>

#include "astrolabe/data/column.h"

namespace astrolabe {

// [rows]; true: held out. Throws bad_input for a missing cell, a word that is not listed above, a boolean
// whose name does not tell, a fraction, and when either side is empty.
[[nodiscard]] std::vector<bool> given_part(const Column& column);

}  // namespace astrolabe
