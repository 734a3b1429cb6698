// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/run_state.h"

#include <algorithm>

namespace astrolabe {

void say_all(Run& run, const std::vector<std::string>& notes) {
  // What is true of the table is often true of the test file too; once is enough.
  for (const std::string& note : notes) {
    if (std::ranges::find(run.result.notes, note) == run.result.notes.end()) run.result.notes.push_back(note);
  }
}

double seconds_to_finish(const Budget& budget) {
  return budget.has_deadline() ? std::clamp(0.08 * budget.seconds_limit(), 0.2, 10.0) : 0;
}

Budget budget_of_fits(const Run& run, const Budget& budget) {
  return Budget(
      {.seconds = budget.seconds_left(),
       .memory_bytes = run.fits_limit == DrawnRows::kNoLimit ? budget.memory_limit() : run.fits_limit});
}

Budget budget_before_finish(const Budget& budget, double share) {
  if (!budget.has_deadline()) return budget;
  return budget.slice(share * std::max(0.0, budget.seconds_left() - seconds_to_finish(budget)));
}

}  // namespace astrolabe
