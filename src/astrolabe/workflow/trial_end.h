// SPDX-License-Identifier: Apache-2.0
// What a study keeps of a trial of systems when it ends: its cost with an interval, and the outcome that
// those who read the study show (search/study_facts.h).
//
//   if (is_pruned) return pruned_end(plan, step, trial.why_stopped());
//   return complete_end(request, plan, tried);      // .cost = -0.928 for an AUC of 0.928
//
// Costs are scores of out-of-fold predictions, negated where higher is better.
#pragma once

#include <cstddef>
#include <string>

#include "astrolabe/evaluate/cross_validation.h"
#include "astrolabe/search/study_store.h"
#include "astrolabe/workflow/trial_plan.h"

namespace astrolabe {

// Of a trial of which at least one fold was fitted; failed where its score is not finite. Cost: an interval,
// the bytes of the models, predictions for a few rows.
[[nodiscard]] TrialEnd complete_end(const SystemSearchRequest& request, const TrialPlan& plan,
                                    const CrossValidation& tried);
// Of one that was ended at a step.
[[nodiscard]] TrialEnd pruned_end(const TrialPlan& plan, const StepCost& step, std::string why);

// Of the fitted models, as they would be in a file.
[[nodiscard]] std::size_t model_bytes(const CrossValidation& tried);

}  // namespace astrolabe
