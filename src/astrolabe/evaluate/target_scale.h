// SPDX-License-Identifier: Apache-2.0
// Whether the target of new rows is on another scale than the one that an older model answers on: cents where
// it learned euros.
//
//   fit_target_scale(old, features, labels, map);    // may set map.slope and map.shift
#pragma once

#include "astrolabe/model/learner.h"
#include "astrolabe/model/start_map.h"

namespace astrolabe {

// A straight line through what the model says and what the labels are (least squares, weighted) replaces its
// answers where that leaves less than half of the squared error of the answers as they are, explains at least
// a quarter of the variance, and rises. Otherwise the map stays: what moved little is soon learned.
void fit_target_scale(const Model& start, const FeatureMatrix& features, const Labels& labels, StartMap& map);

}  // namespace astrolabe
