// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/growth_rules.h"

#include <limits>

namespace astrolabe::trees {

GrowthRules growth_rules(const TreesSettings& settings, const TreeConstraints& constraints) {
  GrowthRules rules;
  rules.split = {.l1 = settings.l1,
                 .l2 = settings.l2,
                 .min_hessian = settings.min_hessian,
                 .min_gain = settings.min_gain,
                 .min_rows = static_cast<std::uint64_t>(settings.min_rows),
                 .cat_smooth = settings.cat_smooth,
                 .cat_l2 = settings.cat_l2,
                 .one_vs_rest = static_cast<std::size_t>(settings.one_vs_rest)};
  rules.best_first = settings.growth == "best_first";
  rules.max_leaves = static_cast<std::size_t>(settings.max_leaves);
  rules.max_depth = settings.max_depth == 0 ? std::numeric_limits<std::size_t>::max()
                                            : static_cast<std::size_t>(settings.max_depth);
  rules.learning_rate = settings.learning_rate;
  if (constraints.has_monotone() || constraints.has_interactions()) rules.constraints = &constraints;
  return rules;
}

}  // namespace astrolabe::trees
