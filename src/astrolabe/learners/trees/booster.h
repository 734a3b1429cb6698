// SPDX-License-Identifier: Apache-2.0
// Gradient boosting: round after round, one tree per output on the gradients of the loss so far
// (Friedman 2001), until the rounds are done, the watched rows have not improved for `patience` rounds, no
// leaf can be split, or the budget ends.
#pragma once

#include <string>
#include <vector>

#include "astrolabe/learners/trees/forest.h"
#include "astrolabe/learners/trees/growth_rules.h"
#include "astrolabe/learners/trees/loss.h"
#include "astrolabe/learners/trees/trees_settings.h"
#include "astrolabe/model/fit_curve.h"
#include "astrolabe/model/learner.h"

namespace astrolabe::trees {

struct Boosted {
  Loss loss = Loss::squared;  // whose link the scores have
  std::string expression;     // what was minimised, where it was not that loss itself
  Forest forest;              // cut to the best round when rows were watched
  std::vector<double> gains;  // [features] sum of the gains of the splits on a feature
  bool cut_short = false;
  double hurried_rate = 0;        // the learning rate that the clock asked for; 0: it asked for nothing
  bool is_mean = false;           // of trees that were grown alone: the scores are the predictions themselves
  FitCurve curve = {};            // where rows were watched; not in the file
  std::size_t rounds_before = 0;  // of these, the first ones are those of a model that the fit went on from
};

inline constexpr int kMostIdleRounds = 10;  // rounds in a row in which no sampled tree found a split

// A budget that ends before the first round leaves a forest without trees: the initial scores.
[[nodiscard]] Boosted boost(const FitRequest& request, const TreesSettings& settings);

}  // namespace astrolabe::trees
