// SPDX-License-Identifier: Apache-2.0
// What a table looks like, for people: per column counts, range, commonest values. One pass per column; pure.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "astrolabe/base/thread_pool.h"
#include "astrolabe/data/table.h"

namespace astrolabe {

struct ColumnProfile {
  std::string name;
  ColumnType type = ColumnType::number;
  std::uint64_t rows = 0;
  std::uint64_t missing = 0;
  std::uint64_t infinities = 0;
  std::uint64_t distinct = 0;  // of the cells that are not missing; exact (of pictures, by their hashes)
  // Numeric columns and dates (seconds): over finite cells; NaN when there is none.
  double min = 0, mean = 0, median = 0, max = 0, standard_deviation = 0;
  // 20 equal-width bins over [min, max] for numeric columns; empty otherwise.
  std::vector<std::uint64_t> histogram;
  // The commonest cells with their counts, at most 8, ties by name; empty for numeric columns.
  std::vector<std::pair<std::string, std::uint64_t>> commonest;
  ImageShape picture = {};  // of pictures
};

[[nodiscard]] std::vector<ColumnProfile> profile_table(const Table& table, ThreadPool& pool);

}  // namespace astrolabe
