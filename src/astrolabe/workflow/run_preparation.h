// SPDX-License-Identifier: Apache-2.0
// The first steps of a run: the table and the question understood, rows sealed, features, folds and
// candidates made.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "astrolabe/data/split.h"
#include "astrolabe/system/system_space.h"
#include "astrolabe/workflow/run_state.h"
#include "astrolabe/workflow/sealing.h"
#include "astrolabe/workflow/task_setup.h"

namespace astrolabe {

// Reads the table and sets up the task; fills the result's request, readings and task.
[[nodiscard]] TaskSetup understand(Run& run);
[[nodiscard]] Sealing seal(Run& run, TaskSetup& setup);

// What the search works on.
struct Prepared {
  OpenData data;
  std::vector<Fold> folds;
  SystemSpace space;
  std::size_t old_rows =
      0;  // the last of the rows: of earlier runs, trained on by every fold and judged by none
  std::shared_ptr<const std::vector<double>> taught = {};  // what a teacher says of all of them
};
// Profiles the open rows, leaves out what cannot generalise, warns of what is too good to be true, keeps
// within memory. Lets the open rows of the sealing go where no later step of such a run wants them.
[[nodiscard]] Prepared prepare(Run& run, Sealing& sealing);

// What the stars of a run may become on a table of features; all that a learner leaves open where none was
// chosen.
[[nodiscard]] SystemSpace space_of_run(const RunOptions& options, const Task& task, const Table& features);

// How ambiguous dates were read, by column: prediction must read them alike.
[[nodiscard]] std::map<std::string, DateOrder> date_orders_of(const std::vector<ColumnReading>& readings);

}  // namespace astrolabe
