// SPDX-License-Identifier: Apache-2.0
// One tree of a model as a picture: an SVG file of its own, from left to right, light and dark. A branch is
// as thick as its share of the rows; yes is the upper one; a leaf's bar points to the side that it moves the
// score to.
//
//   write_file_atomically("tree.svg", tree_drawing(tree, "Tree 1 of 114: log-odds of >50K"));
#pragma once

#include <string>
#include <string_view>

#include "astrolabe/report/tree_text.h"

namespace astrolabe {

// Throws usage_error for more than 512 leaves or 64 levels, which no page shows. The title and the tree's
// names are escaped here.
[[nodiscard]] std::string tree_drawing(const ShownTree& tree, std::string_view title);

}  // namespace astrolabe
