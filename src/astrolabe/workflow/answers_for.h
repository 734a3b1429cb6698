// SPDX-License-Identifier: Apache-2.0
// What a model of another run says of this run's rows, in terms of this run's task.
//
//   const std::vector<double> said = answers_for(teacher, task, features, pool);   // [rows * task.outputs()]
#pragma once

#include <vector>

#include "astrolabe/base/thread_pool.h"
#include "astrolabe/pipeline/shipped_model.h"

namespace astrolabe {

// Columns that the model reads and the table has not are missing cells to it. A class that it does not know
// has probability 0, those that it knows share the rest. Both tasks are of classes, or both of numbers.
[[nodiscard]] std::vector<double> answers_for(const ShippedModel& model, const Task& task, const Table& table,
                                              ThreadPool& pool);

}  // namespace astrolabe
