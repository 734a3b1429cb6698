// SPDX-License-Identifier: Apache-2.0
// A raw text column read as numbers: the fast path of typing, one pass over all cells.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "astrolabe/data/raw_table.h"

namespace astrolabe {

enum class NotNumber {
  stop,    // give up at the first cell that is no number, has leading zeros: the column is something else
  missing  // such a cell is missing and counted; leading zeros are fine
};

struct NumberCells {
  std::vector<double> numbers;  // [rows], NaN = missing
  std::map<std::string, std::uint64_t> markers;
  std::uint64_t missing = 0;
  std::uint64_t infinities = 0;
  bool all_whole = true;    // every number is whole and at most 2^53 in size
  bool long_codes = false;  // some cell is a whole number beyond 2^53, written out in digits
  bool any_fraction = false;
  bool any_trimmed = false;
  std::uint64_t misfits = 0;
  std::optional<std::size_t> first_misfit_row;
  std::string first_misfit;
};

// Nothing when it stopped. `whole_only`: a fraction or an infinity is a cell that does not fit.
[[nodiscard]] std::optional<NumberCells> read_number_cells(const RawColumn& column, NotNumber otherwise,
                                                           bool whole_only = false);

}  // namespace astrolabe
