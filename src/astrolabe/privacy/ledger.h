// SPDX-License-Identifier: Apache-2.0
// All that a private training did with its rows: what a model file holds so that anybody can add it up again.
//
//   PrivacyLedger ledger{.delta = 1e-5, .training = {{"scales of numbers", {11.2, 1, 2}},
//                                                    {"training steps", {1.4, 0.034, 1176}}},
//                        .score = {{"score", {1.5, 1, 1}}}};
//   ledger.epsilon()   // 3: what the ledger guarantees at its delta
//
// Rows that train and rows that are scored are told apart by a coin for each row, so that every row is read
// by the mechanisms of one side only: the guarantee is the worse of the two, not their sum (parallel
// composition: McSherry, "Privacy integrated queries", SIGMOD 2009).
#pragma once

#include <string>
#include <vector>

#include "astrolabe/privacy/guarantee.h"

namespace astrolabe {

struct PaidMechanism {
  std::string what;  // "training steps"
  PrivateSteps steps;
};

struct PrivacyLedger {
  double delta = 0;
  std::vector<PaidMechanism> training = {};
  std::vector<PaidMechanism> score = {};  // of held-out rows; empty where none are

  // Of one row added or removed. Throws what guaranteed_epsilon throws.
  [[nodiscard]] double epsilon() const;
};

}  // namespace astrolabe
