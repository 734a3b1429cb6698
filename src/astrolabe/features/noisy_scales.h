// SPDX-License-Identifier: Apache-2.0
// Scales of numbers from histograms with noise: what private training has to pay for where no bounds are
// declared.
//
//   const std::vector<NumberScale> scales = noisy_scales(number_columns(table), rows, 11.2, secret);
//   // for the ledger: kScaleRounds Gaussian mechanisms of that noise multiplier, on all rows
//
// Two rounds. First, how many cells of each column fall between signed powers of the square root of two: a
// column's range is from the first to the last bin that surely holds rows. Then, how many fall into 64 bins
// of that range: the median becomes 0, the distance between the quartiles 1. A row adds at most 1 to one bin
// of every column, so that the histograms of d columns together change by at most sqrt(d), and the noise on
// every bin is noise_multiplier * sqrt(d). What noise hides is not found: a column of few rows keeps the
// scale that it came with.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/features/bounded_number.h"

namespace astrolabe {

inline constexpr std::uint64_t kScaleRounds = 2;

// One for each column; `secret` draws the noise. Cost: two passes over the cells.
[[nodiscard]] std::vector<NumberScale> noisy_scales(std::span<const Column* const> columns,
                                                    std::span<const RowIndex> rows, double noise_multiplier,
                                                    Key secret);

}  // namespace astrolabe
