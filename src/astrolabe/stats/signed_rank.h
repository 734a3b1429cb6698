// SPDX-License-Identifier: Apache-2.0
// Two contestants over many tasks, one paired difference each: is one of them ahead, and by more than
// matters?
//
//   std::vector<double> differences = ...;                          // [tasks] ours - theirs, higher is
//   better SignedRank test = wilcoxon_signed_rank(differences);            // test.p_value RopePosterior
//   beliefs = bayesian_signed_rank(differences, 0.01, key); if (beliefs.right > 0.95) fmt::print("better by
//   more than 0.01");
//
// Both look at the order of the differences only, so one wild task cannot decide. Pure; thread-safe. A NaN
// among the differences makes the answer NaN.
#pragma once

#include <cstddef>
#include <span>

#include "astrolabe/base/random.h"

namespace astrolabe {

struct SignedRank {
  double positive_ranks = 0;  // sum of the ranks of the positive differences
  double p_value = 1;         // two-sided, for "symmetric about 0"; 1 without a pair
  std::size_t pairs = 0;      // that differ
};

// Pairs that do not differ are left out (Wilcoxon 1945). Exact for up to 50 pairs without ties, else by the
// normal distribution with the correction for ties. Cost: O(n log n), exact O(n^3).
[[nodiscard]] SignedRank wilcoxon_signed_rank(std::span<const double> differences);

// How probable it is that a further task would show a difference below -rope, within, or above +rope. They
// sum to 1. "rope": region of practical equivalence.
struct RopePosterior {
  double left = 0;
  double rope = 0;
  double right = 0;
};

// The Bayesian signed-rank test: a Dirichlet process with half a prior observation at 0; in each of `draws`
// posterior draws the region that holds most of the pairwise means wins. `rope` >= 0. Cost: draws * n.
// Source: Benavoli, Corani, Demsar & Zaffalon, "Time for a change", JMLR 2017, section 4.2.
[[nodiscard]] RopePosterior bayesian_signed_rank(std::span<const double> differences, double rope, Key key,
                                                 std::size_t draws = 20'000);

}  // namespace astrolabe
