// SPDX-License-Identifier: Apache-2.0
// The tree-structured Parzen estimator: points are drawn as the good trials are distributed, and of some of
// them the one is proposed that is likelier among the good than among the others.
//
//   const std::unique_ptr<Proposer> proposer = make_bayes(space, {.good = 0.5});
//
// Dimension by dimension: a choice by its smoothed counts, a number by a smoothed histogram along its scale,
// each from the trials in which the dimension exists. Remembers at most 1,024 trials (the best and the
// newest). Cost of a proposal: O(dimensions x (trials + cells)), well below a millisecond.
// Sources: Bergstra et al., "Algorithms for hyper-parameter optimization", NeurIPS 2011; Watanabe,
// "Tree-structured Parzen estimator: understanding its algorithm components", arXiv 2304.11127.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "astrolabe/search/proposer.h"

namespace astrolabe {

struct BayesSettings {
  std::int64_t random_first = 10;
  std::int64_t candidates = 24;
  double good = 0.5;
};
[[nodiscard]] std::span<const Field<BayesSettings>> bayes_settings_table();

[[nodiscard]] std::unique_ptr<Proposer> make_bayes(const Space& space, const BayesSettings& settings);

}  // namespace astrolabe
