// SPDX-License-Identifier: Apache-2.0
// Fits a forest: deep trees that know nothing of one another, several at a time; their mean predicts.
//
//   Boosted forest = fit_forest(request, settings);     // forest.is_mean
//
// Leaves hold means of numbers or shares of classes, all classes in one tree. Sources: Breiman, "Random
// forests", 2001; Geurts, Ernst and Wehenkel, "Extremely randomized trees", 2006.
#pragma once

#include "astrolabe/learners/trees/booster.h"
#include "astrolabe/learners/trees/forest_settings.h"

namespace astrolabe::trees {

// A budget that ends leaves the trees that are whole; before the first one, the mean of all rows. Same bytes
// on any number of threads. Memory: a byte for each cell of the table, 30 for each row and thread, and the
// trees.
[[nodiscard]] Boosted fit_forest(const FitRequest& request, const ForestSettings& settings);

}  // namespace astrolabe::trees
