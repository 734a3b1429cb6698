// SPDX-License-Identifier: Apache-2.0
// Permutation importance: how much worse the metric gets when one table column is shuffled. Source: Breiman,
// "Random forests", Machine Learning 2001, section 10; intervals over repeats.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/base/budget.h"
#include "astrolabe/data/table.h"
#include "astrolabe/model/task.h"
#include "astrolabe/stats/interval.h"

namespace astrolabe {

struct ColumnImportance {
  std::string column;
  Estimate loss_of_score;  // positive: the column helps, in the metric's unit
};

struct ImportanceRequest {
  const Table& table;    // feature columns of the judged rows
  const Labels& labels;  // [rows]
  const Task& task;
  // Predictions for a table like `table`: [rows * outputs].
  std::function<std::vector<double>(const Table&)> predict;
  std::size_t repeats = 5;
  Key key;
  const Budget& budget;  // stops between columns; what is done is returned
};
// Sorted by importance, largest first; ties by column name.
[[nodiscard]] std::vector<ColumnImportance> permutation_importance(const ImportanceRequest& request);

}  // namespace astrolabe
