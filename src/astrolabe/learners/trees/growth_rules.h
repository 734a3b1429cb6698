// SPDX-License-Identifier: Apache-2.0
// How trees grow, from what a user set.
//
//   TreeGrower grower(matrix, growth_rules(settings, constraints), memory, threads);
#pragma once

#include "astrolabe/learners/trees/constraints.h"
#include "astrolabe/learners/trees/grower.h"
#include "astrolabe/learners/trees/trees_settings.h"

namespace astrolabe::trees {

// What all fits follow, wherever their rows lie. `constraints` must outlive the rules.
[[nodiscard]] GrowthRules growth_rules(const TreesSettings& settings, const TreeConstraints& constraints);

}  // namespace astrolabe::trees
