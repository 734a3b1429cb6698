// SPDX-License-Identifier: Apache-2.0
// What the fits of a run begin with, by learner: fits of the model that `--from` names.
//
//   candidate.from = fits.of_learner("mlp");       // null: this learner begins with nothing
//   candidate.transfer = fits.transfer_of("mlp");
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "astrolabe/evaluate/candidate.h"

namespace astrolabe {

// The name of a system that is fitted from nothing beside those that go on.
inline constexpr const char* kFromNothing = " (from nothing)";

struct StartFits {
  using Fits = std::shared_ptr<const std::vector<FittedCandidate>>;
  std::map<std::string, Fits, std::less<>> by_learner;
  // Of learners that extend what they go on from (pipeline/going_on.h).
  std::shared_ptr<const Transfer> transfer;

  [[nodiscard]] Fits of_learner(std::string_view learner) const;
  [[nodiscard]] std::shared_ptr<const Transfer> transfer_of(std::string_view learner) const;
};

}  // namespace astrolabe
