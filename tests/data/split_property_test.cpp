// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <set>

#include "tests/data/tables.h"
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "astrolabe/data/split.h"

namespace astrolabe {
namespace {

// The same examples in every run, unless RC_PARAMS says otherwise.
const int kSeeded = ::setenv("RC_PARAMS", "seed=1", 0);

struct Drawn {
  Table table;
  SplitRule rule;
  std::vector<int> strata;
  std::vector<double> cells;
};

Drawn drawn_table() {
  const auto rows = *rc::gen::inRange<std::size_t>(12, 120);
  const auto cells = *rc::gen::container<std::vector<int>>(rows, rc::gen::inRange(0, 200));
  Drawn drawn;
  drawn.strata = *rc::gen::container<std::vector<int>>(rows, rc::gen::inRange(0, 4));
  drawn.cells.assign(cells.begin(), cells.end());
  drawn.rule = {*rc::gen::element(SplitKind::random, SplitKind::group, SplitKind::time), "c"};
  drawn.table = Table({numbers("c", drawn.cells)});
  const std::set<int> distinct(cells.begin(), cells.end());
  RC_PRE(distinct.size() > 6U);
  return drawn;
}

RC_GTEST_PROP(SplitProperty, a_holdout_is_a_partition_with_both_sides, ()) {
  const Drawn drawn = drawn_table();
  const auto share = *rc::gen::element(0.05, 0.2, 0.5);
  const Holdout parts =
      hold_out(drawn.table, drawn.rule, drawn.strata, share, Key::from_seed(*rc::gen::arbitrary<unsigned>()));
  std::vector<RowIndex> both = parts.rest;
  both.insert(both.end(), parts.held_out.begin(), parts.held_out.end());
  std::ranges::sort(both);
  RC_ASSERT(both.size() == drawn.table.rows());
  for (std::size_t i = 0; i < both.size(); ++i) RC_ASSERT(both[i] == i);
  RC_ASSERT(!parts.rest.empty());
  if (drawn.rule.kind != SplitKind::random) RC_ASSERT(!parts.held_out.empty());
}

RC_GTEST_PROP(SplitProperty, no_fold_judges_what_it_trains_on, ()) {
  const Drawn drawn = drawn_table();
  std::vector<RowIndex> rows;
  for (RowIndex row = 0; row < drawn.table.rows(); ++row) rows.push_back(row);
  const auto count = *rc::gen::inRange<std::size_t>(2, 6);
  std::set<RowIndex> judged;
  for (const Fold& fold : make_folds(drawn.table, rows, drawn.rule, drawn.strata, count,
                                     Key::from_seed(*rc::gen::arbitrary<unsigned>()))) {
    RC_ASSERT(!fold.train.empty());
    RC_ASSERT(!fold.valid.empty());
    RC_ASSERT(std::ranges::includes(fold.train, fold.watch));
    RC_ASSERT(fold.watch.size() < fold.train.size());
    for (const RowIndex row : fold.valid) {
      RC_ASSERT(!std::ranges::binary_search(fold.train, row));
      RC_ASSERT(judged.insert(row).second);
      if (drawn.rule.kind == SplitKind::random) continue;
      for (const RowIndex past : fold.train) RC_ASSERT(drawn.cells[past] != drawn.cells[row]);
    }
  }
  if (drawn.rule.kind != SplitKind::time) RC_ASSERT(judged.size() == drawn.table.rows());
}

}  // namespace
}  // namespace astrolabe
