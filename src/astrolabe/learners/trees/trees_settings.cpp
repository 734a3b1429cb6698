// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/trees_settings.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "astrolabe/base/text.h"

namespace astrolabe::trees {
namespace {

constexpr std::int64_t kMostRounds = 2000;  // that a fit chooses itself

using S = TreesSettings;
const std::vector<Field<S>> kTable = {
    {{.name = "loss",
      .doc = "What training minimises; auto: squared for numbers, logistic for two classes, softmax for "
             "more, lambdarank for a ranking. Of an expression, numbers are standardised.",
      .choices = {"auto", "squared", "absolute", "logistic", "softmax", "poisson", "lambdarank"},
      .takes_parts = true},
     &S::loss},
    {{.name = "class_weights",
      .doc = "What rows of a class weigh, beside their own weight: none, balanced (all classes alike), or a "
             "number for each class in order, as in 1,4."},
     &S::class_weights},
    {{.name = "rounds",
      .doc = "Boosting rounds; 0: as many as pay on watched rows, without them 16 / learning_rate; at most "
             "2000.",
      .unit = "rounds",
      .low = 0,
      .high = 100000},
     &S::rounds},
    {{.name = "learning_rate",
      .doc = "Shrinks the step of every tree; 0: 0.04, more from 20,000 rows on, up to 0.08.",
      .low = 0,
      .high = 1,
      .log_scale = true},
     &S::learning_rate},
    {{.name = "growth",
      .doc = "Which leaf is split next: the one that gains most, or the shallowest.",
      .choices = {"best_first", "depth_wise"}},
     &S::growth},
    {{.name = "max_leaves",
      .doc = "Leaves of one tree.",
      .unit = "leaves",
      .low = 2,
      .high = 65536,
      .log_scale = true},
     &S::max_leaves},
    {{.name = "max_depth", .doc = "Depth of one tree; 0: no limit.", .unit = "levels", .low = 0, .high = 64},
     &S::max_depth},
    {{.name = "min_rows",
      .doc = "Rows that every leaf keeps at least; 0: 20 on at most 700 rows, fewer on more, down to 8.",
      .unit = "rows",
      .low = 0,
      .high = 1e9,
      .log_scale = true},
     &S::min_rows},
    {{.name = "min_hessian",
      .doc = "Sum of second derivatives that every leaf keeps at least.",
      .low = 0,
      .high = 1e12},
     &S::min_hessian},
    {{.name = "min_gain", .doc = "Gain below which a leaf is not split.", .low = 0, .high = 1e12},
     &S::min_gain},
    {{.name = "l1", .doc = "Pulls leaf values towards zero by a constant.", .low = 0, .high = 1e9}, &S::l1},
    {{.name = "l2", .doc = "Shrinks leaf values, small leaves most.", .low = 0, .high = 1e9}, &S::l2},
    {{.name = "linear_leaves",
      .doc = "Leaves are straight lines along the columns of numbers on their path instead of constants."},
     &S::linear_leaves},
    {{.name = "linear_l2",
      .doc = "Of linear_leaves: shrinks slopes, those of small leaves most.",
      .low = 0,
      .high = 1e9},
     &S::linear_l2},
    {{.name = "row_sample", .doc = "Fraction of the rows that each tree sees.", .low = 0.01, .high = 1},
     &S::row_sample},
    {{.name = "column_sample",
      .doc = "Fraction of the features that each tree sees, two of them at least.",
      .low = 0.01,
      .high = 1},
     &S::column_sample},
    {{.name = "max_bins",
      .doc = "Bins of one feature; of categories at most 255.",
      .unit = "bins",
      .low = 2,
      .high = 65535},
     &S::max_bins},
    {{.name = "patience",
      .doc = "Rounds without a better loss on the watched rows before the fit ends.",
      .unit = "rounds",
      .low = 1,
      .high = 100000},
     &S::patience},
    {{.name = "cat_smooth",
      .doc = "Rows that a category needs in a leaf to be ranked, and the prior of its rank.",
      .low = 0,
      .high = 1e9},
     &S::cat_smooth},
    {{.name = "cat_l2", .doc = "Further l2 where a set of categories is split off.", .low = 0, .high = 1e9},
     &S::cat_l2},
    {{.name = "one_vs_rest",
      .doc = "Up to this many categories are split one against the rest.",
      .unit = "categories",
      .low = 1,
      .high = 255},
     &S::one_vs_rest},
    {{.name = "monotone",
      .doc = "Columns of numbers along which predictions must not fall (age:+) or not rise (price:-), with "
             "commas "
             "between them."},
     &S::monotone},
    {{.name = "interactions",
      .doc = "Groups of columns that may meet on one path of a tree: age,price;city,street. Columns that no "
             "group names are a group together."},
     &S::interactions},
    {{.name = "boosting",
      .doc = "plain, or dart: every round is fitted without some earlier ones, which then count less.",
      .choices = {"plain", "dart"}},
     &S::boosting},
    {{.name = "drop_rate", .doc = "Of dart: share of the earlier rounds left out.", .low = 0, .high = 1},
     &S::drop_rate},
    {{.name = "drop_skip", .doc = "Of dart: share of the rounds that leave none out.", .low = 0, .high = 1},
     &S::drop_skip},
    {{.name = "sampling",
      .doc = "Which rows a tree sees of row_sample: all alike, or goss: those with large gradients, and some "
             "of the others for all of them.",
      .choices = {"uniform", "goss"}},
     &S::sampling},
    {{.name = "goss_top", .doc = "Of goss: share of the rows kept for their gradients.", .low = 0, .high = 1},
     &S::goss_top},
    {{.name = "goss_rest",
      .doc = "Of goss: share of the rows drawn from the others.",
      .low = 0.01,
      .high = 1},
     &S::goss_rest},
    {{.name = "rank_truncation",
      .doc = "Of lambdarank: pairs count of which one row stands among so many first ones of its group.",
      .unit = "positions",
      .low = 1,
      .high = 1e6,
      .log_scale = true},
     &S::rank_truncation},
    {{.name = "rank_sigma",
      .doc = "Of lambdarank: how steep the loss of a pair is in the difference of its scores.",
      .low = 0.01,
      .high = 100,
      .log_scale = true},
     &S::rank_sigma},
};

}  // namespace

std::span<const Field<TreesSettings>> settings_table() {
  return kTable;
}

TreesSettings settings_for(const SettingValues& values, std::size_t rows, bool watches) {
  auto settings = read_settings("trees", settings_table(), values);
  if (trim(settings.loss) == "absolute") settings.loss = "mae";  // its name among the parts
  const auto count = static_cast<double>(std::max<std::size_t>(rows, 1));
  settings.may_hurry = settings.learning_rate == 0 && settings.rounds == 0;
  // More rows pay for more rounds; a larger step keeps their number, and so the time, within bounds.
  if (settings.learning_rate == 0)
    settings.learning_rate = std::clamp(0.04 * std::sqrt(count / 20'000), 0.04, 0.08);
  if (settings.rounds == 0)
    settings.rounds = watches ? kMostRounds
                              : std::clamp<std::int64_t>(std::llround(kPlainSteps / settings.learning_rate),
                                                         1, kMostRounds);
  // The mean of few rows is noise: where rows are few, this bounds the trees, and max_leaves does elsewhere.
  if (settings.min_rows == 0) settings.min_rows = std::llround(std::clamp(14'000 / count, 8.0, 20.0));
  return settings;
}

}  // namespace astrolabe::trees
