// SPDX-License-Identifier: Apache-2.0
// Sparse features of which no row has two: one byte holds them all (Ke and others, "LightGBM", NeurIPS 2017,
// exclusive feature bundling, here without conflicts, so that nothing is lost).
//
//   const auto bundles = plan_bundles(sparse, rows);   // bundles[0] = {4, 7, 8}: numbers of features in
//   `sparse`
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace astrolabe::trees {

struct SparseFeature {
  std::span<const std::uint32_t> rows;  // ascending: those that are listed
  std::uint32_t codes = 0;              // how many values are told apart, the one that is not listed left out
};

// Bundles of at least two features, at most 255 codes together, ascending, which list no row twice and enough
// rows that a byte of every row costs less than the lists. First come, first served; a feature in no bundle
// stays listed. Cost: O(entries), at most kMostOpen times where features conflict late.
inline constexpr std::size_t kMostOpen = 64;
[[nodiscard]] std::vector<std::vector<std::uint32_t>> plan_bundles(std::span<const SparseFeature> features,
                                                                   std::size_t rows);

}  // namespace astrolabe::trees
