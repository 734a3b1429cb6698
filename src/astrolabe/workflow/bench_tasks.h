// SPDX-License-Identifier: Apache-2.0
// The tasks of a benchmark: each gives, for a seed, rows to train on and rows to judge by.
//
//   const BenchTask task = open_bench_task({.name = "moons", .table = "moons"}, key, pool);
//   const BenchDraw draw = task.draw(3);          // the same for every system: differences are paired
//
// A drawn table is drawn anew for each seed, with rows of its own to judge by; of a table by path each seed
// holds out another quarter. Immutable, so thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "astrolabe/base/thread_pool.h"
#include "astrolabe/data/split.h"
#include "astrolabe/model/task.h"
#include "astrolabe/workflow/bench_options.h"
#include "astrolabe/workflow/sealing.h"

namespace astrolabe {

struct BenchDraw {
  OpenData train;
  Table judged;  // feature columns
  Labels truth;  // [judged rows]
};

struct BenchTask {
  std::string name;
  Task task;
  SplitRule rule = {};     // of the training rows
  std::uint64_t hash = 0;  // of the cells and of what is asked of them
  std::size_t train_rows = 0, judged_rows = 0;
  double test_to_train = 0;  // of resamples of one table; 0: drawn anew
  std::string source = {};   // "drawn", or the path
  std::vector<std::string> notes = {};
  std::function<BenchDraw(std::size_t seed)> draw = {};
};

// Throws what reading a table and setting up a task throw; bad_input for a table name that is none, for a
// split by time or by a given column (each seed must hold out other rows), and for fewer than 40 rows.
[[nodiscard]] BenchTask open_bench_task(const BenchTaskRequest& request, Key key, ThreadPool& pool);

}  // namespace astrolabe
