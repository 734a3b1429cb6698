// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/bin_tree.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>

#include "astrolabe/base/error.h"
#include "astrolabe/learners/trees/row_routines.h"

namespace astrolabe::trees {
namespace {

constexpr std::size_t kTileRows = 1024;     // bins gathered at a time
constexpr std::size_t kChunkRows = 32'768;  // rows that one thread partitions at a time

// Asks which rows go left. Thread-safe to use.
class Side {
 public:
  // For about so many rows.
  Side(const BinnedMatrix& matrix, std::size_t slot, const LeftBins& lefts, std::size_t rows)
      : matrix_(matrix), slot_(slot), lefts_(lefts) {
    const BinSet& left_bins = lefts.set;
    if (matrix.is_wide(slot)) return;
    if (matrix.is_sparse(slot) && !matrix.place(slot)) {
      set_ = left_bins;
      return;
    }
    // Rows far apart: the line that has the row's other bytes is as near as one of the column, and histograms
    // will want it.
    const std::optional<BinnedMatrix::Place> place =
        matrix.is_sparse(slot) || rows * kFarApart < matrix.rows() ? matrix.place(slot) : std::nullopt;
    const bool fits = place && matrix.rows() << place->shift <= kMostVectorBytes;
    if (place && (fits || matrix.is_sparse(slot))) {
      column_ = {.bytes = place->bytes, .shift = place->shift};
      for (std::uint32_t byte = 0; byte < 256; ++byte)
        if (left_bins.has(place->share.bin(byte))) set_.add(byte);
    } else {
      column_ = {.bytes = matrix.dense(slot)};
      set_ = left_bins;
    }
    for (std::size_t i = 0; i < 8; ++i)
      column_.set[i] = static_cast<std::uint32_t>(set_.words[i / 2] >> (32 * (i % 2)));
    if (matrix.rows() << column_.shift > kMostVectorBytes) routines_ = &plain_row_routines();
  }

  [[nodiscard]] std::size_t count(std::span<const std::uint32_t> rows) const {
    if (column_.bytes != nullptr) return routines_->count_left(column_, rows.data(), rows.size());
    std::size_t lefts = 0;
    for_each_row(rows, [&](std::uint32_t /*row*/, bool is_left) { lefts += is_left ? 1 : 0; });
    return lefts;
  }
  // Left rows to `left`, right rows to `right`, both in order. Returns how many are left.
  std::size_t split(std::span<const std::uint32_t> rows, std::uint32_t* left, std::uint32_t* right) const {
    if (column_.bytes != nullptr) return routines_->split(column_, rows.data(), rows.size(), left, right);
    const std::uint32_t* const begin = left;
    for_each_row(rows, [&](std::uint32_t row, bool is_left) { *(is_left ? left++ : right++) = row; });
    return static_cast<std::size_t>(left - begin);
  }

 private:
  static constexpr std::size_t kFarApart = 32;

  // Of a sparse or wide slot.
  template <class Visit>
  void for_each_row(std::span<const std::uint32_t> rows, Visit visit) const {
    if (matrix_.is_wide(slot_)) {
      const std::uint16_t* const bins = matrix_.wide(slot_);
      const std::size_t missing = matrix_.bins(slot_).bins;
      for (const std::uint32_t row : rows)
        visit(row, bins[row] <= lefts_.last || (lefts_.missing && bins[row] == missing));
      return;
    }
    std::array<std::uint8_t, kTileRows> bins;
    for (std::size_t begin = 0; begin < rows.size(); begin += kTileRows) {
      const auto tile = rows.subspan(begin, std::min(kTileRows, rows.size() - begin));
      matrix_.gather(slot_, tile, bins.data());
      for (std::size_t i = 0; i < tile.size(); ++i) visit(tile[i], set_.has(bins[i]));
    }
  }

  const BinnedMatrix& matrix_;
  std::size_t slot_;
  LeftBins lefts_;
  const RowRoutines* routines_ = &best_row_routines();
  BinSet set_;
  SideColumn column_;  // of a dense slot
};

}  // namespace

void partition_rows(const BinnedMatrix& matrix, std::size_t slot, const LeftBins& left_bins,
                    std::span<const std::uint32_t> rows, std::size_t known_lefts, std::span<std::uint32_t> to,
                    ThreadPool& pool) {
  const Side side(matrix, slot, left_bins, rows.size());
  constexpr auto kAgrees = "the partition agrees with the histogram";
  if (rows.size() <= kChunkRows || pool.size() == 1) {
    const std::size_t lefts = side.split(rows, to.data(), to.data() + known_lefts);
    ASTROLABE_CHECK(lefts == known_lefts, kAgrees);
    return;
  }
  std::vector<std::size_t> lefts((rows.size() + kChunkRows - 1) / kChunkRows);
  pool.for_ranges(rows.size(), kChunkRows, [&](std::size_t begin, std::size_t end, std::size_t chunk) {
    lefts[chunk] = side.count(rows.subspan(begin, end - begin));
  });
  std::vector<std::size_t> starts(lefts.size());
  std::exclusive_scan(lefts.begin(), lefts.end(), starts.begin(), std::size_t{0});
  ASTROLABE_CHECK(starts.back() + lefts.back() == known_lefts, kAgrees);
  pool.for_ranges(rows.size(), kChunkRows, [&](std::size_t begin, std::size_t end, std::size_t chunk) {
    side.split(rows.subspan(begin, end - begin), to.data() + starts[chunk],
               to.data() + known_lefts + (begin - starts[chunk]));
  });
}

void for_each_leaf(const BinTree& tree, const BinnedMatrix& matrix, std::span<const std::uint32_t> rows,
                   ThreadPool& pool,
                   const std::function<void(std::size_t, std::span<const std::uint32_t>)>& visit) {
  if (tree.nodes.empty()) {
    visit(0, rows);
    return;
  }
  std::vector<Side> sides;
  for (const BinTree::Node& node : tree.nodes)
    sides.emplace_back(matrix, node.slot, LeftBins{node.left_bins, node.last_left_bin, node.missing_left},
                       matrix.rows());
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
        visit(static_cast<std::size_t>(leaf), inside);
        continue;
      }
      const auto at = static_cast<std::size_t>(part.node);
      const std::size_t lefts = sides[at].count(inside);
      (void)sides[at].split(inside, spare.data(), spare.data() + lefts);
      std::copy_n(spare.begin(), inside.size(), inside.begin());
      open.push_back({tree.nodes[at].left, part.begin, part.begin + lefts});
      open.push_back({tree.nodes[at].right, part.begin + lefts, part.end});
    }
  });
}

void add_scores(const BinTree& tree, const BinnedMatrix& matrix, std::span<const std::uint32_t> rows,
                std::span<double> scores, ThreadPool& pool) {
  for_each_leaf(tree, matrix, rows, pool, [&](std::size_t leaf, std::span<const std::uint32_t> inside) {
    for (const std::uint32_t row : inside) scores[row] += tree.leaves[leaf];
  });
}

}  // namespace astrolabe::trees
