// SPDX-License-Identifier: Apache-2.0
// Which pictures of a table a report shows.
//
//   result.pictures = examples_of(open_rows, result.task);
//   result.mistakes = surest_mistakes(rows, labels, predicted.values, result.task);
#pragma once

#include <span>
#include <vector>

#include "astrolabe/data/table.h"
#include "astrolabe/model/task.h"
#include "astrolabe/report/run_result.h"

namespace astrolabe {

// Of the first column of pictures, the first of each class, then the second, at most 20; nothing without such
// a column. `rows` have the target.
[[nodiscard]] std::vector<ShownPicture> examples_of(const Table& rows, const Task& task);

// At most 20 rows whose likeliest class is wrong, the most probable first. `predictions`: [rows * outputs].
[[nodiscard]] std::vector<ShownPicture> surest_mistakes(const Table& rows, const Labels& labels,
                                                        std::span<const double> predictions,
                                                        const Task& task);

}  // namespace astrolabe
