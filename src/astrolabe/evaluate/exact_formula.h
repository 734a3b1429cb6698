// SPDX-License-Identifier: Apache-2.0
// A target that is computed from two or three feature columns: cnt = casual + registered.
//
//   if (auto formula = find_exact_formula(table, candidates, labels.values, rows)) say(formula->text);
//
// Looks for a + b, a - b, a * b, a / b in every pair of columns, and sums and differences of three, that hold
// in every row where the columns have numbers (up to rounding, 1e-9). Fails fast, so almost every pair costs
// one row. Pure; thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/data/table.h"

namespace astrolabe {

struct ExactFormula {
  std::vector<std::size_t> columns;  // of the table, ascending
  std::string text;                  // "casual + registered"
};

// The first that is found, pairs before triples. `candidates` are indices of numeric columns; the first 1,000
// are looked at, the first 80 in triples. Nothing when fewer than 100 rows have numbers everywhere, or when
// the target has fewer than 10 different values.
[[nodiscard]] std::optional<ExactFormula> find_exact_formula(const Table& table,
                                                             std::span<const std::size_t> candidates,
                                                             std::span<const double> target,
                                                             std::span<const RowIndex> rows);

}  // namespace astrolabe
