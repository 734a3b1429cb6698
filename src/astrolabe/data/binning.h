// SPDX-License-Identifier: Apache-2.0
// From numbers to bins: cuts at weighted quantiles, and the bin of a value.
//
//   std::vector<float> cuts = quantile_cuts(ages, {}, 255);
//   std::vector<std::uint8_t> bins(ages.size());
//   assign_bins(cuts, ages, /*missing_bin=*/cuts.size() + 1, bins);
//   // bin b holds the values in (cuts[b-1], cuts[b]]: "bin <= b" is the same question as "value <= cuts[b]"
//
// Columns of many rows go through a sketch of their quantiles, block by block:
//
//   sketch.merge(summarise(block_of_values, block_of_weights));  // for every block; sketch_values without
//   weights std::vector<float> cuts = quantile_cuts(sketch.finish(), 255);
//
// Missing values (NaN) take no part in the cuts. Infinities count as the largest finite numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "astrolabe/stats/quantile_sketch.h"

namespace astrolabe {

inline constexpr std::size_t kMaxBins = 255;  // one value of a byte is left for "missing"

// sketch.merge(summarise(values, {})) for one block of the values after another, to the last bit, but sooner
// done. Cost: a radix sort of each block.
void sketch_values(std::span<const float> values, std::size_t block, QuantileSketch& sketch);

// The exact summary of some values. `weights` is [values] >= 0, or empty: all 1; a value of weight 0 is not
// there. Cost: a radix sort, O(values).
[[nodiscard]] QuantileSummary summarise(std::span<const float> values, std::span<const double> weights);

// At most max_bins - 1 finite cuts, strictly ascending, each halfway between two neighbouring values of the
// summary. With at most max_bins distinct values, of a summary that is exact, every value has its own bin.
// Otherwise the heaviest bin of more than one distinct value is as light as can be: at most
// 2 / max_bins + error() of the total weight.
[[nodiscard]] std::vector<float> quantile_cuts(const QuantileSummary& summary, std::size_t max_bins);

// Of all values at once. `implicit_zeros` is the weight of further zeros that `values` does not list.
[[nodiscard]] std::vector<float> quantile_cuts(std::span<const float> values, std::span<const double> weights,
                                               std::size_t max_bins, double implicit_zeros = 0);

// The number of cuts below the value; the value must not be NaN.
[[nodiscard]] std::size_t bin_of(std::span<const float> cuts, float value);

// bins[i] = bin_of(cuts, values[i]), or missing_bin where values[i] is NaN. At most kMaxBins - 1 cuts.
void assign_bins(std::span<const float> cuts, std::span<const float> values, std::uint8_t missing_bin,
                 std::span<std::uint8_t> bins);

}  // namespace astrolabe
