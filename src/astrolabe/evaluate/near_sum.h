// SPDX-License-Identifier: Apache-2.0
// A target that two or three feature columns add up to, but for a small rest: total ~ fare + tip + tolls,
// where fees are missing.
//
//   if (auto sum = find_near_sum(table, candidates, labels.values, rows)) fmt::print("{} {}", sum->text,
//   sum->r2);
//
// Only sums and differences of whole columns, nothing fitted but a constant: that a target has the unit of
// its parts is no coincidence, while a regression may well be good for honest reasons. Works on covariances.
// Pure; thread-safe; O(columns^2 rows + columns^3).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/data/table.h"

namespace astrolabe {

struct NearSum {
  std::vector<std::size_t> columns;  // of the table, ascending
  std::string text;                  // "fare + tip + tolls"
  double r2 = 0;                     // of the sum and a constant
};

// The pair with the highest R2, else the triple, that reaches 0.99 and loses 0.005 without any one of its
// columns. `candidates` are indices of numeric columns; those with more than a tenth of missing cells are
// left out, and the first 80 of the others looked at. Other missing cells count as the column's mean.
[[nodiscard]] std::optional<NearSum> find_near_sum(const Table& table,
                                                   std::span<const std::size_t> candidates,
                                                   std::span<const double> target,
                                                   std::span<const RowIndex> rows);

}  // namespace astrolabe
