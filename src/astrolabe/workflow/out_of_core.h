// SPDX-License-Identifier: Apache-2.0
// Trees and kernel machines on all rows of a table that does not fit under --memory: the search worked with
// some rows, and what it found is fitted again on all of them, block by block (of trees: binned, in the run's
// folder).
//
//   const ShippedModel scored = fit_on_all_rows(run, sealing, prepared, selection,
//                                               model_to_score(run, prepared, selection));
//
// It is done where every chosen system is `trees` or `kernel`, the split is random and the memory cap left
// out rows: lines of a text that were never read, or rows that were read and set aside. The encoders are
// those of the search's rows: a category that only other rows have counts as unseen. A tenth of the open
// rows, at most 50,000, says when to stop. Sealed rows stay sealed.
#pragma once

#include <optional>

#include "astrolabe/data/reader.h"
#include "astrolabe/workflow/run_preparation.h"
#include "astrolabe/workflow/selection.h"

namespace astrolabe {

// How to read the table again, with room for the fit on all rows; nothing where that fit is not asked for, or
// nothing was left out of `read`.
[[nodiscard]] std::optional<ReadOptions> reading_with_room(const Run& run, const ReadResult& read,
                                                           const ReadOptions& reading);

// Whether that fit may come, so that the open rows are to be kept until then.
[[nodiscard]] bool may_fit_on_all_rows(const RunOptions& options);

// The part of the time that the search may use, so that the fit on all rows has the rest.
[[nodiscard]] double search_share(const Run& run, const Prepared& prepared);

// The model to score: of one member that saw all rows, or `otherwise`, with a warning where that fit was
// possible in principle but not in the memory, the time or on the rows that there are.
[[nodiscard]] ShippedModel fit_on_all_rows(Run& run, const Sealing& sealing, const Prepared& prepared,
                                           const Selection& selection, ShippedModel otherwise);

}  // namespace astrolabe
