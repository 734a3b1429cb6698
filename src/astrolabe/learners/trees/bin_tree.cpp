// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/bin_tree.h"

#include <algorithm>
#include <array>

namespace astrolabe::trees {
namespace {

constexpr std::size_t kTileRows = 1024;     // bins gathered at a time
constexpr std::size_t kChunkRows = 32'768;  // rows that one thread partitions at a time

// Left rows to `left`, right rows to `right`, both in order. Returns how many are left.
std::size_t split_rows(const BinnedMatrix& matrix, std::size_t slot,
                       const std::array<std::uint8_t, 256>& goes_left, std::span<const std::uint32_t> rows,
                       std::uint32_t* left, std::uint32_t* right) {
  std::array<std::uint8_t, kTileRows> bins;
  std::size_t lefts = 0;
  std::size_t rights = 0;
  for (std::size_t begin = 0; begin < rows.size(); begin += kTileRows) {
    const auto tile = rows.subspan(begin, std::min(kTileRows, rows.size() - begin));
    matrix.gather(slot, tile, bins.data());
    for (std::size_t i = 0; i < tile.size(); ++i) {
      // Both stores, one of which counts: no branch to mispredict. `left` may be `rows` itself.
      const std::uint32_t row = tile[i];
      const std::size_t is_left = goes_left[bins[i]];
      left[lefts] = row;
      right[rights] = row;
      lefts += is_left;
      rights += 1 - is_left;
    }
  }
  return lefts;
}

}  // namespace

std::size_t partition_rows(const BinnedMatrix& matrix, std::size_t slot, const BinSet& left_bins,
                           std::span<std::uint32_t> rows, std::span<std::uint32_t> spare, ThreadPool& pool) {
  const std::array<std::uint8_t, 256> goes_left = left_bins.table();
  if (rows.size() <= kChunkRows || pool.size() == 1) {
    const std::size_t lefts = split_rows(matrix, slot, goes_left, rows, rows.data(), spare.data());
    std::copy_n(spare.begin(), rows.size() - lefts, rows.begin() + static_cast<std::ptrdiff_t>(lefts));
    return lefts;
  }
  // Each chunk packs its left rows in place and its right rows into its part of `spare`; then the gaps close.
  std::vector<std::size_t> lefts((rows.size() + kChunkRows - 1) / kChunkRows);
  pool.for_ranges(rows.size(), kChunkRows, [&](std::size_t begin, std::size_t end, std::size_t chunk) {
    lefts[chunk] = split_rows(matrix, slot, goes_left, rows.subspan(begin, end - begin), rows.data() + begin,
                              spare.data() + begin);
  });
  std::size_t total = 0;
  for (std::size_t chunk = 0; chunk < lefts.size(); ++chunk) {
    const std::size_t begin = chunk * kChunkRows;
    std::copy_n(rows.data() + begin, lefts[chunk], rows.data() + total);
    total += lefts[chunk];
  }
  std::vector<std::size_t> right_starts(lefts.size(), total);
  for (std::size_t chunk = 1; chunk < lefts.size(); ++chunk)
    right_starts[chunk] = right_starts[chunk - 1] + kChunkRows - lefts[chunk - 1];
  pool.for_ranges(rows.size(), kChunkRows, [&](std::size_t begin, std::size_t end, std::size_t chunk) {
    std::copy_n(spare.data() + begin, end - begin - lefts[chunk], rows.data() + right_starts[chunk]);
  });
  return total;
}

void add_scores(const BinTree& tree, const BinnedMatrix& matrix, std::span<const std::uint32_t> rows,
                std::span<double> scores, ThreadPool& pool) {
  if (tree.nodes.empty()) {
    for (const std::uint32_t row : rows) scores[row] += tree.leaves[0];
    return;
  }
  std::vector<std::array<std::uint8_t, 256>> goes_left;
  for (const BinTree::Node& node : tree.nodes) goes_left.push_back(node.left_bins.table());
  pool.for_ranges(rows.size(), kChunkRows, [&](std::size_t first, std::size_t last, std::size_t) {
    struct Part {
      std::int32_t node;
      std::size_t begin, end;
    };
    std::vector<std::uint32_t> here(rows.begin() + static_cast<std::ptrdiff_t>(first),
                                    rows.begin() + static_cast<std::ptrdiff_t>(last));
    std::vector<std::uint32_t> spare(here.size());
    std::vector<Part> open = {{0, 0, here.size()}};
    while (!open.empty()) {
      const Part part = open.back();
      open.pop_back();
      const std::span<std::uint32_t> inside(here.data() + part.begin, part.end - part.begin);
      if (inside.empty()) continue;
      if (part.node < 0) {
        const std::int32_t leaf = ~part.node;
        const double value = tree.leaves[static_cast<std::size_t>(leaf)];
        for (const std::uint32_t row : inside) scores[row] += value;
        continue;
      }
      const auto at = static_cast<std::size_t>(part.node);
      const std::size_t lefts =
          split_rows(matrix, tree.nodes[at].slot, goes_left[at], inside, inside.data(), spare.data());
      std::copy_n(spare.begin(), inside.size() - lefts, inside.begin() + static_cast<std::ptrdiff_t>(lefts));
      open.push_back({tree.nodes[at].left, part.begin, part.begin + lefts});
      open.push_back({tree.nodes[at].right, part.begin + lefts, part.end});
    }
  });
}

}  // namespace astrolabe::trees
