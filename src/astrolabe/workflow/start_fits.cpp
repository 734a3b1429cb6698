// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/start_fits.h"

#include "astrolabe/pipeline/going_on.h"

namespace astrolabe {

StartFits::Fits StartFits::of_learner(std::string_view learner) const {
  const auto found = by_learner.find(learner);
  return found == by_learner.end() ? nullptr : found->second;
}

std::shared_ptr<const Transfer> StartFits::transfer_of(std::string_view learner) const {
  const GoingOn* how = find_going_on(learner);
  return how != nullptr && how->extends ? transfer : nullptr;
}

}  // namespace astrolabe
