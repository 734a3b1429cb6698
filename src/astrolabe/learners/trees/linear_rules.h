// SPDX-License-Identifier: Apache-2.0
// What has no meaning together with slopes in leaves.
//
//   if (settings.linear_leaves) require_slopes_fit(settings, labels);
#pragma once

#include "astrolabe/learners/trees/trees_settings.h"
#include "astrolabe/model/task.h"

namespace astrolabe::trees {

// Throws usage_error for dropped rounds, monotone columns and losses whose leaves are searched for.
void require_slopes_fit(const TreesSettings& settings, const Labels& labels);

}  // namespace astrolabe::trees
