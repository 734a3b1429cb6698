// SPDX-License-Identifier: Apache-2.0
// A tree of a model file, in the names of its table.
//
//   const NamedTree named = find_tree(load_model("model.astro"), 1, 1);
//   fmt::print("{}\n{}", named.title, tree_text(named.tree));
#pragma once

#include <cstddef>
#include <string>

#include "astrolabe/pipeline/shipped_model.h"
#include "astrolabe/report/tree_text.h"

namespace astrolabe {

struct NamedTree {
  ShownTree tree;
  std::string title;  // "Tree 1 of 114, member 1 of 5: adds to the log-odds of >50K"
};

// Members and trees count from 1. Throws usage_error when there is no such member or tree, or the member has
// no trees.
[[nodiscard]] NamedTree find_tree(const ShippedModel& model, std::size_t member, std::size_t tree);

}  // namespace astrolabe
