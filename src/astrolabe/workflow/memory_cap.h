// SPDX-License-Identifier: Apache-2.0
// The memory cap: when what a search needs does not fit, it works with fewer rows and says so, instead of
// dying.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/data/table.h"

namespace astrolabe {

// Bytes that fitting on the table takes beside what the process holds already: encoded features, bins and the
// copies of folds, measured at about 16 bytes a cell and four times the text.
[[nodiscard]] std::uint64_t working_memory(const Table& features);

// The rows to keep, ascending and at least 500 (or all), when `limit` leaves less than that beside `resident`
// bytes; nothing when everything fits. The choice is random and keyed.
[[nodiscard]] std::optional<std::vector<RowIndex>> rows_within_memory(const Table& features,
                                                                      std::uint64_t limit,
                                                                      std::uint64_t resident, Key key);

}  // namespace astrolabe
