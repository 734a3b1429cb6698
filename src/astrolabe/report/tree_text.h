// SPDX-License-Identifier: Apache-2.0
// One tree of a model in words: what each node asks, in the names of the table.
//
//   const ShownTree tree = {.view = trees->view_tree(0), .features = {"age", "city"}, .codes = {{}, {"Rome",
//   "Oslo"}}}; question(tree, 0);        // "age <= 27.5 or missing" fmt::print("{}", tree_text(tree));
//
//   age <= 27.5 or missing                  640 rows
//   ├─ yes  city is Rome                    410
//   │  ├─ yes  +0.0312                      208
//   │  └─ no   -0.0011                      202
//   └─ no   +0.1204                         230
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "astrolabe/model/tree_view.h"

namespace astrolabe {

struct ShownTree {
  TreeView view;
  std::vector<std::string> features;            // names, by the view's features
  std::vector<std::vector<std::string>> codes;  // names of each one's codes; empty for numbers
};

// What node `at` asks; yes is left. Long lists of categories are cut. Not escaped.
[[nodiscard]] std::string question(const ShownTree& tree, std::size_t at);
// About so many characters, never a part of one; what is cut off is an ellipsis.
[[nodiscard]] std::string cut_text(const std::string& text, std::size_t most);
// "+0.0312"
[[nodiscard]] std::string leaf_text(double value);
// With its slopes, if it has any: "+0.0312 +0.0021 (age -38.2)".
[[nodiscard]] std::string leaf_text(const ShownTree& tree, std::size_t leaf);
// The weight of the rows that reach each node; empty when the view has no covers.
[[nodiscard]] std::vector<double> covers_of_nodes(const TreeView& view);

// As above; 64 levels at most, and what lies deeper is counted.
[[nodiscard]] std::string tree_text(const ShownTree& tree);

}  // namespace astrolabe
