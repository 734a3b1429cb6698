// SPDX-License-Identifier: Apache-2.0
// A rehearsal of what ships: systems fitted once more over the folds without the rows of one of them, so that
// there are rows that no fit of any level has seen.
//
//   const std::optional<Rehearsal> rehearsal = rehearse(selection, {1, 3}, request);
//   Selection again = select_system(rehearsal->tried, labels, task);          // ... what may be tried on it
//   ShippedModel(card, members_of(again)).predict(table.take_rows(rehearsal->held), pool);   // by folds'
//   models
//
// What an out-of-fold prediction cannot show, it shows: how the mean of the folds' models does on new rows,
// and whether what was fitted on out-of-fold predictions holds where no model below saw the row.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "astrolabe/base/progress.h"
#include "astrolabe/workflow/selection.h"

namespace astrolabe {

struct RehearsalRequest {
  const Table& table;
  const Labels& labels;
  const Task& task;
  std::span<const Fold> folds;  // at least three that judge every row once
  Key key;
  ThreadPool& pool;
  const Budget& budget;
  Progress& progress;
};

struct Rehearsal {
  std::vector<CrossValidation> tried;  // the floor, then the systems that were asked for
  std::vector<RowIndex> held;          // the judged rows of the first fold
};

// With the settings that the folds found. Nothing when the budget ended first. A system that grew from
// another is fitted from nothing: whoever asks leaves those out.
[[nodiscard]] std::optional<Rehearsal> rehearse(const Selection& selection,
                                                std::span<const std::size_t> systems,
                                                const RehearsalRequest& request);
// How long that would take, judged by the folds; never too short by much.
[[nodiscard]] double rehearsal_seconds(const Selection& selection, std::span<const std::size_t> systems);

}  // namespace astrolabe
