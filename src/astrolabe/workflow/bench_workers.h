// SPDX-License-Identifier: Apache-2.0
// Works on the rows of a benchmark until none is left, beside whoever else does: each thread takes a row
// under a lease, fits on one thread, and writes what came out.
//
//   work_on_bench({.plan = plan, .rows = rows, .where = where, .key = key, .threads = 2}, budget, progress);
#pragma once

#include <cstddef>
#include <span>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/progress.h"
#include "astrolabe/workflow/bench_rows.h"
#include "astrolabe/workflow/bench_study.h"

namespace astrolabe {

struct BenchWork {
  const BenchPlan& plan;
  std::span<const BenchRow> rows;
  const BenchFolder& where;
  Key key;
  std::size_t threads = 1;
};

// Returns when every row has ended (it waits for those that others have), or when the budget stops. A row
// whose fit throws has failed; the others go on. Passes on what the study and the disk throw.
void work_on_bench(const BenchWork& work, const Budget& budget, Progress& progress);

}  // namespace astrolabe
