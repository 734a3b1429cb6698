// SPDX-License-Identifier: Apache-2.0
#include "tests/contracts/learner_contract.h"

#include "astrolabe/learners/baseline/baseline.h"
#include "astrolabe/learners/linear/linear.h"
#include "astrolabe/learners/trees/trees.h"

namespace astrolabe {

std::vector<ContractEntry> contract_catalog() {
  std::vector<ContractEntry> entries;
  entries.push_back({.learner = &baseline_learner(), .learns = false});
  // A penalty that is chosen on rows held out depends on which rows those are, so weights move it.
  entries.push_back({.learner = &linear_learner(), .weight_tolerance = 0.2});
  entries.push_back({.learner = &linear_learner(), .settings = {{"penalty", 0.01}}});
  entries.push_back({.learner = &linear_learner(), .settings = {{"penalty", 0.01}, {"l1_ratio", 0.7}}});
  // Where a leaf counts rows, a row of weight two is not two rows; so the suite lets it count weight only.
  entries.push_back({.learner = &trees_learner(),
                     .settings = {{"rounds", std::int64_t{30}},
                                  {"min_rows", std::int64_t{1}},
                                  {"min_hessian", 2.0},
                                  {"cat_smooth", 0.0}}});
  return entries;
}

}  // namespace astrolabe
