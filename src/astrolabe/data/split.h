// SPDX-License-Identifier: Apache-2.0
// Which rows train and which rows judge. Everything follows from a key; row order decides only under `time`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/data/column.h"
#include "astrolabe/data/table.h"

namespace astrolabe {

enum class SplitKind {
  random,  // stratified by class where the target has classes
  group,   // rows that share a value of the column stay together
  time,    // the column orders the rows: train on the past, judge on the future
  given,   // the column says: train / test (or fold numbers)
};

struct SplitRule {
  SplitKind kind = SplitKind::random;
  std::string column;  // empty for random
};
// "random", "group:COL", "time:COL", "given:COL". Throws usage_error.
[[nodiscard]] SplitRule parse_split_rule(std::string_view text);

// Rows of a table, each list sorted ascending, disjoint.
struct Holdout {
  std::vector<RowIndex> rest;
  std::vector<RowIndex> held_out;
};
// Holds out about `share` of the rows by the rule. `strata` is a class index per row, or empty. Under
// `given`, the column says which rows are held out (given_part.h). Under `group`, rows without a value are
// one group. A class never loses its last row. Throws bad_input when the column does not allow it (one group,
// one moment, no test rows).
[[nodiscard]] Holdout hold_out(const Table& table, const SplitRule& rule, std::span<const int> strata,
                               double share, Key key);

struct Fold {
  std::vector<RowIndex> train;
  std::vector<RowIndex> valid;
  // Rows of `train` that a learner which stops early may watch instead of fitting on them: 15 %, at most
  // 20,000; the latest under `time`, whole groups under `group`. Empty when there is no such part.
  std::vector<RowIndex> watch = {};
};
// The most folds that make_folds can cut `rows` into: rows, groups, or moments less one. Below 2 there are
// none.
[[nodiscard]] std::size_t most_folds(const Table& table, std::span<const RowIndex> rows,
                                     const SplitRule& rule);
// k folds over `rows` of the table. random and group: every row is judged once. time: k forward-chaining
// folds, the first block is never judged. given: falls back to random (the given part is already the sealed
// one). `strata` is per table row. Throws bad_input when there are fewer rows or groups
// than folds, or fewer moments than folds and one.
[[nodiscard]] std::vector<Fold> make_folds(const Table& table, std::span<const RowIndex> rows,
                                           const SplitRule& rule, std::span<const int> strata,
                                           std::size_t folds, Key key);

// At most `most` of the rows, drawn at random, ascending. Where `groups` numbers the group of each row of the
// table, whole groups in random order as they fit, and one at least; else it is empty.
[[nodiscard]] std::vector<RowIndex> draw_rows(std::span<const RowIndex> rows,
                                              std::span<const std::uint32_t> groups, std::size_t most,
                                              Key key);

}  // namespace astrolabe
