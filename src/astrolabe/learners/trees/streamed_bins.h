// SPDX-License-Identifier: Apache-2.0
// Bins of a table that comes block by block: find_bins (binned_matrix.h) without the table.
//
//   std::vector<FeatureBins> bins = find_bins(source, 255, memory_bytes, pool, budget);
//
// The same cuts as in memory, whatever the blocks, but for sparse features that list more than 131,072
// values, and sums of weights that are no whole numbers: there they differ within the error of the sketch, or
// in the last digit. All features are said to be usable: only whoever has their bins knows more (BinnedFile).
#pragma once

#include <cstdint>
#include <vector>

#include "astrolabe/learners/trees/binned_matrix.h"
#include "astrolabe/model/block_source.h"

namespace astrolabe::trees {

// [features]. One pass over the source, or several where the sketches of all columns, about 6 MB each, do not
// fit `memory_bytes`. Empty when the budget ended first.
[[nodiscard]] std::vector<FeatureBins> find_bins(BlockSource& source, std::size_t max_bins,
                                                 std::uint64_t memory_bytes, ThreadPool& pool,
                                                 const Budget& budget);

}  // namespace astrolabe::trees
