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

// Bytes that the fits of a search take beside rows and their copies: where there are nets, their compiler and
// a step that recomputes what it can.
[[nodiscard]] std::uint64_t memory_of_fits(bool has_nets);
// The limit that fits may go by, so that all of the rows and the rest of the run are within `limit`: steps of
// nets compute more again before rows are left out. Follows from limit and sizes alone.
[[nodiscard]] std::uint64_t limit_of_fits(const Table& features, std::uint64_t working, std::uint64_t limit);

// Bytes that a search on the table takes beside what the process holds already: encoded features, bins and
// the copies of folds, measured at about 28 bytes a cell and four times the text; and predictions of
// `outputs` numbers a row, of all systems that are kept. A pixel is a cell, or a byte that is copied a few
// times where all learners take pictures as bytes.
[[nodiscard]] std::uint64_t working_memory(const Table& features, std::size_t outputs,
                                           bool pictures_as_bytes = false);

// The rows to keep, ascending and at least 500 (or all), when `limit` leaves less than that beside `resident`
// bytes; nothing when everything fits. The choice is random and keyed; `groups` as in draw_rows (split.h).
[[nodiscard]] std::optional<std::vector<RowIndex>> rows_within_memory(
    const Table& features, std::size_t outputs, std::span<const std::uint32_t> groups, std::uint64_t limit,
    std::uint64_t resident, Key key, bool pictures_as_bytes = false);

}  // namespace astrolabe
