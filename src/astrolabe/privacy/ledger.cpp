// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/privacy/ledger.h"

#include <algorithm>

namespace astrolabe {
namespace {

double epsilon_of(const std::vector<PaidMechanism>& entries, double delta) {
  std::vector<PrivateSteps> steps;
  for (const PaidMechanism& entry : entries) steps.push_back(entry.steps);
  return guaranteed_epsilon(steps, delta);
}

}  // namespace

double PrivacyLedger::epsilon() const {
  return std::max(epsilon_of(training, delta), epsilon_of(score, delta));
}

}  // namespace astrolabe
