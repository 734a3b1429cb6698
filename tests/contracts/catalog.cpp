// SPDX-License-Identifier: Apache-2.0
#include "tests/contracts/learner_contract.h"

#include "astrolabe/learners/baseline/baseline.h"

namespace astrolabe {

std::vector<ContractEntry> contract_catalog() {
  std::vector<ContractEntry> entries;
  entries.push_back({.learner = &baseline_learner(), .learns = false});
  return entries;
}

}  // namespace astrolabe
