// SPDX-License-Identifier: Apache-2.0
// The memory cap: when what a search needs does not fit, it works with fewer rows and says so, instead of
// dying.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/data/table.h"

namespace astrolabe {

// Of a table that does not fit so many rows are kept, whatever they take.
inline constexpr std::size_t kFewestRows = 500;

// What a run under the limit may take to read its table and to split it: the rest is the program's own.
[[nodiscard]] std::uint64_t memory_for_table(std::uint64_t limit);

// What decides how much the fits of a run take.
struct FitsOfRun {
  bool has_nets = false;
  bool pictures_as_bytes = false;  // all learners take them so: a pixel is a byte that is copied, else a cell
  std::size_t systems = 12;        // that may be kept, with what they predicted
};

// Bytes that a search on the table takes beside what the process holds already: encoded features, bins and
// the copies of folds, measured at about 28 bytes a cell and four times the text; and predictions of
// `outputs` numbers a row, of all systems that are kept.
[[nodiscard]] std::uint64_t working_memory(const Table& features, std::size_t outputs,
                                           const FitsOfRun& fits = {});
// What nets take beside that: their compiler, and a step that computes again what it can.
[[nodiscard]] std::uint64_t memory_of_nets(const Table& features, const FitsOfRun& fits);
// The limit that fits may go by, so that all of the rows and the rest of the run are within `limit`: steps of
// nets compute more again before rows are left out. It may be above `limit` where only nets of pictures are
// fitted, whose steps then take more than a quarter. Follows from limit and sizes alone. `working`: of the
// rows.
[[nodiscard]] std::uint64_t limit_of_fits(const Table& features, const FitsOfRun& fits, std::uint64_t working,
                                          std::uint64_t limit);

// The rows to keep, ascending and at least kFewestRows (or all), when `limit` leaves less than that beside
// `resident` bytes; nothing when everything fits. The choice is random and keyed; `groups` as in draw_rows
// (split.h).
[[nodiscard]] std::optional<std::vector<RowIndex>> rows_within_memory(
    const Table& features, std::size_t outputs, std::span<const std::uint32_t> groups, std::uint64_t limit,
    std::uint64_t resident, Key key, const FitsOfRun& fits = {});

}  // namespace astrolabe
