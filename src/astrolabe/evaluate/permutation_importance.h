// SPDX-License-Identifier: Apache-2.0
// Permutation importance: how much worse the metric gets when one table column is shuffled. Source: Breiman,
// "Random forests", Machine Learning 2001, section 10.
//
//   auto importances = permutation_importance({.table = judged, .labels = labels, .task = task,
//                                              .predict = [&](const Table& t) { return predict(t); },
//                                              .key = key.split("importance"), .budget = budget});
//   importances[0].column;  // the column that the predictions lean on most
//
// The interval (95 %, Student t over the shuffles) is about the shuffling, not about other rows. With one
// repeat it is undefined. Depends on the key and the column's name, not on the order of columns. Cost:
// repeats x columns predictions, and as many copies of the table.
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
