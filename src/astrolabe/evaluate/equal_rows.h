// SPDX-License-Identifier: Apache-2.0
// Rows that are equal in every feature column.
//
//   EqualRows equal = count_equal_rows(table, columns, labels, pool);
//   double share = static_cast<double>(equal.copies) / table.rows();
//
// Pure; the result does not depend on the number of threads. Cost: one hash per cell; 16 bytes per row.
#pragma once

#include <cstddef>
#include <span>

#include "astrolabe/base/thread_pool.h"
#include "astrolabe/data/table.h"
#include "astrolabe/model/task.h"

namespace astrolabe {

struct EqualRows {
  std::size_t rows = 0;    // that have an equal one somewhere else
  std::size_t copies = 0;  // of these, the ones with an equal one of the same target
  // False when the columns together have so few different values (fewer combinations than ten times the rows)
  // that rows must repeat.
  bool is_telling = true;
};

// `columns` are indices into the table.
[[nodiscard]] EqualRows count_equal_rows(const Table& table, std::span<const std::size_t> columns,
                                         const Labels& labels, ThreadPool& pool);

}  // namespace astrolabe
