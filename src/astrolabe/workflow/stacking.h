// SPDX-License-Identifier: Apache-2.0
// Two-level stacking with a leak guard: whether a second level (evaluate/second_level.h) ships in place of
// what greedy selection chose.
//
//   const StackVerdict verdict = consider_stack(selection, request);   // changes the selection where it wins
//   run.progress.say(verdict.words);
//
// It has to win twice. Out of fold, each row by a level fitted without its fold, the paired interval of the
// difference to the greedy choice must exclude zero. But out-of-fold predictions of one fold come from models
// that saw the targets of the others, so a second level may learn what will not be there for new rows;
// AutoGluon saw that on a quarter of its tables. So everything is rehearsed (rehearsal.h) without one fold:
// greedy choice and second level anew, both judged on rows that no fit of either level saw. A stack that is
// not better there does not ship, and the words say what was seen.
#pragma once

#include <string>

#include "astrolabe/workflow/rehearsal.h"
#include "astrolabe/workflow/selection.h"

namespace astrolabe {

enum class StackEnd {
  impossible,     // too few systems, rows or folds
  no_better,      // out of fold, not beyond the noise
  no_time,        // for the rehearsal
  does_not_hold,  // better out of fold, no better on rows that no level saw
  ships,
};
struct StackVerdict {
  StackEnd end = StackEnd::impossible;
  std::string words;  // for people
};

// At most kMostSystems systems, those of the greedy choice first. Without a deadline the same for any thread
// count; under one, it begins only what fits. Costs a fit of the level on a few thousand rows, and the
// rehearsal where that was better.
[[nodiscard]] StackVerdict consider_stack(Selection& selection, const RehearsalRequest& request);

}  // namespace astrolabe
