// SPDX-License-Identifier: Apache-2.0
// How well one column alone predicts the target, on rows that the prediction was not made from.
//
//   Halves halves = split_in_halves(rows, key);
//   double auc = score_alone(table.require("duration", "feature"), labels, halves);
//
// The prediction is the mean target of the rows of the first half with a like cell: in up to 256 bins of
// equal count for numbers (at least 20 rows each), per cell for everything else; a missing cell is a like
// cell of missing ones. For a regression a straight line is tried as well, and the better of the two counts.
// Pure; thread-safe; O(rows log rows).
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/data/column.h"
#include "astrolabe/model/task.h"

namespace astrolabe {

struct Halves {
  std::vector<RowIndex> fitted;
  std::vector<RowIndex> judged;
};
// By the key and the row numbers alone.
[[nodiscard]] Halves split_in_halves(std::span<const RowIndex> rows, Key key);

// 0 (useless) to 1 (perfect): the AUC of a binary task (0.5 is useless), R2 of a regression, and for several
// classes the part of the errors that it avoids, those of guessing the commonest class being all. NaN below
// 50 rows in a half, or below 10 rows of a class of a binary task.
[[nodiscard]] double score_alone(const Column& column, const Labels& labels, const Halves& halves);
// "AUC", "R2", "share of errors avoided".
[[nodiscard]] std::string_view score_alone_name(TaskKind kind);

}  // namespace astrolabe
