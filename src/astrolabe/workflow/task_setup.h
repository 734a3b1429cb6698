// SPDX-License-Identifier: Apache-2.0
// From a table and what was asked to a task: which kind, which classes, which metric, which rows can be used.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "astrolabe/data/reader.h"
#include "astrolabe/data/table.h"
#include "astrolabe/model/task.h"
#include "astrolabe/workflow/run_options.h"

namespace astrolabe {

struct TaskSetup {
  Task task;
  std::string reason;  // "income has 2 distinct values: binary; --task changes it"
  Table table;         // rows that have a target (and a weight), all columns
  std::vector<std::string> notes;
  std::string test_part = {};  // of a set of pictures that has one: what judges, unless --test says otherwise
  std::map<std::string, DateOrder> date_orders = {};  // of columns whose dates have the year last
};

// Throws bad_input: a target that is not there, no rows left, one class, a constant target, what
// ranking_setup.h refuses; usage_error: a metric, a --positive or a --group that does not fit the task.
[[nodiscard]] TaskSetup set_up_task(Table table, const RunOptions& options);

// The labels of a table that has the target (and weight and group) of `task`. A label that training never saw
// is bad_input that says which and where; `file` names the table in the message.
[[nodiscard]] Labels labels_of(const Table& table, const Task& task, const std::string& file);

// Rows whose target is there and finite, and whose weight is a number above 0: a row of weight 0 counts
// nowhere.
[[nodiscard]] std::vector<RowIndex> usable_rows(const Table& table, const Task& task);

}  // namespace astrolabe
