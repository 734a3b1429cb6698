// SPDX-License-Identifier: Apache-2.0
// The leakage scan: columns and rows that would make a score too good to be true.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/base/thread_pool.h"
#include "astrolabe/data/split.h"
#include "astrolabe/data/table.h"
#include "astrolabe/model/task.h"

namespace astrolabe {

enum class LeakKind {
  target_copy,       // the column is the target under another name
  near_copy,         // one column alone predicts the target almost perfectly
  identifier,        // a value per row: memorised, never generalised
  duplicate_rows,    // equal rows, likely on both sides of a split
  knows_the_future,  // missing or set depending on the outcome; or ordered by the target over time
  constant,          // one value: useless, not dangerous
};
[[nodiscard]] std::string_view leak_kind_name(LeakKind kind);

struct Leak {
  LeakKind kind;
  std::string column;   // empty for duplicate_rows
  double strength = 0;  // 0..1: AUC-like or R2-like score of the column alone, share of duplicate rows, ...
  bool drop = false;    // identifiers and constants are left out by default; copies are only warned about
  std::string
      message;  // what was seen and what to do: "boat alone predicts survived with AUC 0.99: ... --drop boat"
};

struct LeakageScan {
  const Table& table;    // feature columns
  const Labels& labels;  // [rows]
  const Task& task;
  const SplitRule& rule;
  Key key;
  ThreadPool& pool;
};
// Looks at no more than 20,000 rows (keyed sample) per column except for duplicates. Ordered by column, then
// kind.
[[nodiscard]] std::vector<Leak> scan_for_leaks(const LeakageScan& scan);

}  // namespace astrolabe
