// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/tree_gradients.h"

#include <algorithm>
#include <array>

namespace astrolabe::trees {
namespace {

constexpr std::size_t kChunkRows = 8192;
constexpr std::size_t kTileRows = 256;

}  // namespace

void TreeGradients::fill(std::size_t matrix_rows, const PairSource& source,
                         const std::optional<GradientPair>& bound, Key key, ThreadPool& pool,
                         TreeRequest& request) {
  const std::span<const std::uint32_t> rows = request.rows;
  if (packed_.pack(matrix_rows, source, bound, rows, key, pool)) {
    request.packed = &packed_;
    return;
  }
  pairs_.resize(matrix_rows);
  cells_.resize(matrix_rows);
  pool.for_ranges(rows.size(), kChunkRows, [&](std::size_t begin, std::size_t end, std::size_t) {
    std::array<GradientPair, kTileRows> pairs;
    for (std::size_t first = begin; first < end; first += kTileRows) {
      const auto tile = rows.subspan(first, std::min(kTileRows, end - first));
      source(tile, pairs.data());
      for (std::size_t i = 0; i < tile.size(); ++i) pairs_[tile[i]] = pairs[i];
    }
  });
  request.packed = nullptr;
  request.scale = to_fixed_point(pairs_, rows, cells_, pool);
  request.gradients = cells_;
}

}  // namespace astrolabe::trees
