// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/forest_settings.h"

#include <vector>

namespace astrolabe::trees {
namespace {

using S = ForestSettings;
const std::vector<Field<S>> kTable = {
    {{.name = "trees", .doc = "Trees whose mean predicts.", .unit = "trees", .low = 1, .high = 100000},
     &S::trees},
    {{.name = "splits",
      .doc = "Where a column is cut: at a random place (extremely randomised trees), or at the best one "
             "(random forest).",
      .choices = {"random", "best"}},
     &S::splits},
    {{.name = "bootstrap",
      .doc = "Each tree sees as many rows as there are, drawn with replacement, instead of each row once."},
     &S::bootstrap},
    {{.name = "columns",
      .doc = "Share of the columns that are tried at each split; 0: the square root of their number for "
             "classes, half of them for numbers.",
      .low = 0,
      .high = 1},
     &S::columns},
    {{.name = "min_rows",
      .doc = "Rows that every leaf keeps at least.",
      .unit = "rows",
      .low = 1,
      .high = 1e9,
      .log_scale = true},
     &S::min_rows},
    {{.name = "max_depth", .doc = "Depth of one tree; 0: 256.", .unit = "levels", .low = 0, .high = 256},
     &S::max_depth},
    {{.name = "smoothing",
      .doc = "Weight that the mean of all rows has in every leaf: no class is ruled out by a small one.",
      .low = 0,
      .high = 1e6},
     &S::smoothing},
    {{.name = "class_weights",
      .doc = "What rows of a class weigh, beside their own weight: none, balanced (all classes alike), or a "
             "number for each class in order, as in 1,4."},
     &S::class_weights},
    {{.name = "max_bins", .doc = "Bins of one feature.", .unit = "bins", .low = 2, .high = 255},
     &S::max_bins},
    {{.name = "cat_smooth",
      .doc = "Weight of the mean of all rows where a category is ranked among the others.",
      .low = 0,
      .high = 1e9},
     &S::cat_smooth},
    {{.name = "megabytes",
      .doc = "What the trees may take together: where they would grow larger, their smallest nodes are not "
             "split.",
      .unit = "MB",
      .low = 1,
      .high = 1e6},
     &S::megabytes},
};

}  // namespace

std::span<const Field<ForestSettings>> forest_settings_table() {
  return kTable;
}

}  // namespace astrolabe::trees
