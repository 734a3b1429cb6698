// SPDX-License-Identifier: Apache-2.0
// What the report draws of the score that counts: curves, tables of classes and thresholds, residuals,
// coverage.
//
//   add_figures(score, task, judged, predicted, key);
#pragma once

#include "astrolabe/workflow/honest_score.h"

namespace astrolabe {

// Which are filled depends on the task; what `predicted` leaves empty is left out.
void add_figures(HonestScore& score, const Task& task, const JudgedRows& judged,
                 const JudgedPredictions& predicted, Key key);

}  // namespace astrolabe
