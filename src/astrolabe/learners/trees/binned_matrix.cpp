// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/binned_matrix.h"

#include <algorithm>

#include "astrolabe/data/binning.h"

namespace astrolabe::trees {
namespace {

constexpr double kDenseFrom = 0.25;  // share of listed entries above which a sparse column is kept dense
constexpr std::size_t kTileRows = 1024;

}  // namespace

BinnedMatrix::BinnedMatrix(const FeatureMatrix& features, const std::vector<FeatureBins>& bins,
                           Purpose purpose, ThreadPool& pool)
    : rows_(features.rows) {
  for (std::size_t feature = 0; feature < bins.size(); ++feature) {
    if (!bins[feature].usable) continue;
    slots_.push_back({.feature = static_cast<std::uint32_t>(feature),
                      .bins = &bins[feature],
                      .first_cell = static_cast<std::uint32_t>(cells_)});
    cells_ += bins[feature].bins + 1;
  }
  pool.for_each(slots_.size(),
                [&](std::size_t slot) { fill_slot(slots_[slot], features.columns[slots_[slot].feature]); });
  if (purpose == Purpose::training) {
    build_blocks(pool);
    build_sparse_rows();
  }
}

void BinnedMatrix::fill_slot(Slot& slot, const FeatureColumn& column) const {
  const FeatureBins& bins = *slot.bins;
  if (column.is_sparse) {
    const bool dense =
        static_cast<double>(column.sparse_rows.size()) > kDenseFrom * static_cast<double>(rows_);
    if (dense) {
      slot.dense.reset(new std::uint8_t[rows_]);
      std::fill_n(slot.dense.get(), rows_, bins.zero_bin);
    }
    for (std::size_t i = 0; i < column.sparse_rows.size(); ++i) {
      const std::uint8_t bin = bins.bin(column.sparse_values[i]);
      if (dense) {
        slot.dense[column.sparse_rows[i]] = bin;
      } else if (bin != bins.zero_bin) {
        slot.sparse_rows.push_back(column.sparse_rows[i]);
        slot.sparse_bins.push_back(bin);
      }
    }
    return;
  }
  slot.dense.reset(new std::uint8_t[rows_]);
  if (bins.categorical) {
    for (std::size_t row = 0; row < rows_; ++row) slot.dense[row] = bins.bin(column.dense[row]);
  } else {
    assign_bins(bins.cuts, column.dense, bins.missing_bin(), {slot.dense.get(), rows_});
  }
}

void BinnedMatrix::build_blocks(ThreadPool& pool) {
  for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) {
    if (is_sparse(slot)) continue;
    if (blocks_.empty() || blocks_.back().slots.size() == kBlockFeatures) blocks_.emplace_back();
    blocks_.back().slots.push_back(slot);
  }
  for (Block& block : blocks_) {
    // Whole groups of 8 bytes, so that a row of a usual table lies in one cache line.
    const std::size_t columns = block.slots.size();
    block.width = columns <= 4 ? columns : (columns + 7) / 8 * 8;
    block.bins.resize(rows_ * block.width);
  }
  const std::size_t tiles = (rows_ + kTileRows - 1) / kTileRows;
  pool.for_each(blocks_.size() * tiles, [&](std::size_t task) {
    Block& block = blocks_[task / tiles];
    const std::size_t begin = task % tiles * kTileRows;
    const std::size_t end = std::min(rows_, begin + kTileRows);
    for (std::size_t column = 0; column < block.slots.size(); ++column) {
      const std::uint8_t* from = slots_[block.slots[column]].dense.get();
      for (std::size_t row = begin; row < end; ++row) block.bins[row * block.width + column] = from[row];
    }
  });
}

void BinnedMatrix::build_sparse_rows() {
  std::size_t entries = 0;
  for (const Slot& slot : slots_) entries += slot.sparse_rows.size();
  if (entries == 0) return;
  row_starts_.assign(rows_ + 1, 0);
  for (const Slot& slot : slots_)
    for (const std::uint32_t row : slot.sparse_rows) ++row_starts_[row + 1];
  for (std::size_t row = 0; row < rows_; ++row) row_starts_[row + 1] += row_starts_[row];
  row_cells_.resize(entries);
  std::vector<std::uint64_t> next(row_starts_.begin(), row_starts_.end() - 1);
  for (const Slot& slot : slots_)
    for (std::size_t i = 0; i < slot.sparse_rows.size(); ++i)
      row_cells_[next[slot.sparse_rows[i]]++] = slot.first_cell + slot.sparse_bins[i];
}

void BinnedMatrix::gather(std::size_t slot_index, std::span<const std::uint32_t> rows,
                          std::uint8_t* bins) const {
  const Slot& slot = slots_[slot_index];
  if (slot.dense != nullptr) {
    const std::uint8_t* dense = slot.dense.get();
    for (std::size_t i = 0; i < rows.size(); ++i) bins[i] = dense[rows[i]];
    return;
  }
  std::fill_n(bins, rows.size(), slot.bins->zero_bin);
  if (rows.empty()) return;
  const auto first = std::ranges::lower_bound(slot.sparse_rows, rows.front());
  const auto last = std::ranges::upper_bound(slot.sparse_rows, rows.back());
  // Walk the shorter list and look up in the longer one.
  if (static_cast<std::size_t>(last - first) < rows.size()) {
    auto from = rows.begin();
    for (auto entry = first; entry != last; ++entry) {
      from = std::lower_bound(from, rows.end(), *entry);
      if (from == rows.end()) break;
      if (*from == *entry) bins[from - rows.begin()] = slot.sparse_bins[entry - slot.sparse_rows.begin()];
    }
  } else {
    auto entry = first;
    for (std::size_t i = 0; i < rows.size() && entry != last; ++i) {
      entry = std::lower_bound(entry, last, rows[i]);
      if (entry != last && *entry == rows[i]) bins[i] = slot.sparse_bins[entry - slot.sparse_rows.begin()];
    }
  }
}

}  // namespace astrolabe::trees
