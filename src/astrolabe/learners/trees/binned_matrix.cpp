// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/binned_matrix.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "astrolabe/base/error.h"
#include "astrolabe/data/binning.h"
#include "astrolabe/learners/trees/bundles.h"
#include "astrolabe/learners/trees/row_routines.h"

namespace astrolabe::trees {
namespace {

constexpr double kDenseFrom = 0.25;  // share of listed entries above which a sparse column is kept dense
constexpr std::size_t kTileRows = 1024;
constexpr std::uint32_t kCodes = 256;  // of a byte

// assign_bins (data/binning.h), many values at a time.
void assign_numbers(const FeatureBins& bins, std::span<const float> values, std::uint8_t* to) {
  alignas(64) std::array<float, 256> table;
  table.fill(std::numeric_limits<float>::infinity());
  std::ranges::copy(bins.cuts, table.begin());
  const auto first_step = static_cast<unsigned>(std::bit_ceil(bins.cuts.size() + 1) / 2);
  best_row_routines().assign(table.data(), first_step, values.data(), values.size(), bins.missing_bin(), to);
}

}  // namespace

BinnedMatrix::BinnedMatrix(const FeatureMatrix& features, const std::vector<FeatureBins>& bins,
                           Purpose purpose, ThreadPool& pool)
    : rows_(features.rows) {
  for (std::size_t feature = 0; feature < bins.size(); ++feature) {
    if (!bins[feature].usable) continue;
    slots_.push_back({.feature = static_cast<std::uint32_t>(feature),
                      .bins = &bins[feature],
                      .first_cell = static_cast<std::uint32_t>(cells_)});
    if (!bins[feature].is_wide()) cells_ += bins[feature].bins + 1;
  }
  place_columns(features);
  pool.for_each(slots_.size(),
                [&](std::size_t slot) { fill_slot(slots_[slot], features.columns[slots_[slot].feature]); });
  if (purpose == Purpose::training) {
    plan_blocks();
    build_blocks(pool);
    build_sparse_rows();
  }
}

void BinnedMatrix::place_columns(const FeatureMatrix& features) {
  const std::size_t stride = padded_bytes(rows_ + 3);
  std::vector<Slot*> dense;
  for (Slot& slot : slots_) {
    if (slot.bins->is_wide()) continue;
    const FeatureColumn& column = features.columns[slot.feature];
    if (!column.is_sparse ||
        static_cast<double>(column.sparse_rows.size()) > kDenseFrom * static_cast<double>(rows_))
      dense.push_back(&slot);
  }
  columns_ = Buffer(stride * dense.size());
  for (std::size_t i = 0; i < dense.size(); ++i)
    dense[i]->dense = columns_.as<std::uint8_t>().data() + i * stride;
}

void BinnedMatrix::fill_wide(Slot& slot, const FeatureColumn& column) const {
  const FeatureBins& bins = *slot.bins;
  const auto bin = [&](float value) {
    return static_cast<std::uint16_t>(std::isnan(value) ? bins.bins : bin_of(bins.cuts, value));
  };
  slot.wide.assign(rows_, bin(0.0F));
  for (std::size_t row = 0; row < column.dense.size(); ++row) slot.wide[row] = bin(column.dense[row]);
  for (std::size_t i = 0; i < column.sparse_rows.size(); ++i)
    slot.wide[column.sparse_rows[i]] = bin(column.sparse_values[i]);
}

void BinnedMatrix::fill_slot(Slot& slot, const FeatureColumn& column) const {
  const FeatureBins& bins = *slot.bins;
  if (bins.is_wide()) {
    fill_wide(slot, column);
    return;
  }
  if (column.is_sparse) {
    if (slot.dense != nullptr) std::fill_n(slot.dense, rows_, bins.zero_bin);
    for (std::size_t i = 0; i < column.sparse_rows.size(); ++i) {
      const std::uint8_t bin = bins.bin(column.sparse_values[i]);
      if (slot.dense != nullptr) {
        slot.dense[column.sparse_rows[i]] = bin;
      } else if (bin != bins.zero_bin) {
        slot.sparse_rows.push_back(column.sparse_rows[i]);
        slot.sparse_bins.push_back(bin);
      }
    }
    if (slot.dense == nullptr) {
      std::uint8_t largest = bins.zero_bin;
      for (const std::uint8_t bin : slot.sparse_bins) largest = std::max(largest, bin);
      slot.radix = largest + 1U;
    }
  } else if (bins.categorical) {
    for (std::size_t row = 0; row < rows_; ++row) slot.dense[row] = bins.bin(column.dense[row]);
  } else {
    assign_numbers(bins, column.dense, slot.dense);
  }
  if (slot.dense != nullptr) {
    std::uint8_t largest = 0;
    for (std::size_t row = 0; row < rows_; ++row) largest = std::max(largest, slot.dense[row]);
    slot.radix = largest + 1U;
  }
}

// Features whose bins together make at most 256 codes share a byte, first come, first served; then bundles.
std::vector<BinnedMatrix::ByteColumn> BinnedMatrix::plan_columns() const {
  std::vector<ByteColumn> columns;
  struct Open {
    std::size_t column;
    std::uint32_t codes;
  };
  std::vector<Open> open;  // columns with room for another feature
  for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) {
    if (slots_[slot].dense == nullptr) continue;
    const std::uint32_t radix = slots_[slot].radix;
    auto at = std::ranges::find_if(open, [&](const Open& each) { return each.codes * radix <= kCodes; });
    if (at == open.end()) {
      at = open.insert(at, {columns.size(), 1});
      columns.emplace_back();
    }
    columns[at->column].push_back({.slot = slot, .stride = at->codes, .radix = radix});
    at->codes *= radix;
    if (2 * at->codes > kCodes) open.erase(at);
  }
  std::vector<std::uint32_t> sparse;
  std::vector<SparseFeature> features;
  for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) {
    if (!is_sparse(slot)) continue;
    sparse.push_back(slot);
    features.push_back({.rows = slots_[slot].sparse_rows, .codes = slots_[slot].radix - 1});
  }
  for (const std::vector<std::uint32_t>& bundle : plan_bundles(features, rows_)) {
    ByteColumn& column = columns.emplace_back();
    std::uint32_t first = 1;  // 0: zero in all of them
    for (const std::uint32_t number : bundle) {
      const std::uint32_t slot = sparse[number];
      column.push_back({.slot = slot,
                        .stride = 0,
                        .radix = slots_[slot].radix - 1,
                        .first = first,
                        .zero_bin = bins(slot).zero_bin});
      first += slots_[slot].radix - 1;
    }
  }
  return columns;
}

void BinnedMatrix::plan_blocks() {
  const std::vector<ByteColumn> columns = plan_columns();
  for (std::size_t begin = 0; begin < columns.size(); begin += kBlockColumns) {
    const std::size_t end = std::min(columns.size(), begin + kBlockColumns);
    Block& block = blocks_.emplace_back();
    block.columns.assign(columns.begin() + static_cast<std::ptrdiff_t>(begin),
                         columns.begin() + static_cast<std::ptrdiff_t>(end));
    // A power of two: no row lies across two cache lines.
    block.width = std::bit_ceil(end - begin);
    // Gathers read three bytes beyond the last.
    block.bins = Buffer(padded_bytes(rows_ * block.width + 3));
    for (std::size_t column = 0; column < block.columns.size(); ++column)
      for (const Share& share : block.columns[column])
        slots_[share.slot].place = {.bytes = block.data() + column,
                                    .shift = static_cast<unsigned>(std::countr_zero(block.width)),
                                    .share = share};
  }
}

void BinnedMatrix::fill_bundle(const ByteColumn& shares, Block& block, std::size_t column) const {
  std::uint8_t* const bytes = block.bins.as<std::uint8_t>().data() + column;
  for (const Share& share : shares) {
    const Slot& slot = slots_[share.slot];
    for (std::size_t i = 0; i < slot.sparse_rows.size(); ++i) {
      const std::uint8_t bin = slot.sparse_bins[i];
      bytes[slot.sparse_rows[i] * block.width] =
          static_cast<std::uint8_t>(share.first + bin - (bin > share.zero_bin ? 1 : 0));
    }
  }
}

void BinnedMatrix::build_blocks(ThreadPool& pool) {
  for (Block& block : blocks_)
    for (std::size_t column = 0; column < block.columns.size(); ++column)
      if (block.columns[column][0].is_bundled()) fill_bundle(block.columns[column], block, column);

  const std::size_t tiles = (rows_ + kTileRows - 1) / kTileRows;
  pool.for_each(blocks_.size() * tiles, [&](std::size_t task) {
    Block& block = blocks_[task / tiles];
    const std::size_t begin = task % tiles * kTileRows;
    const std::size_t rows = std::min(rows_ - begin, kTileRows);
    std::array<std::uint8_t, kTileRows> codes;
    for (std::size_t column = 0; column < block.columns.size(); ++column) {
      std::uint8_t* to = block.bins.as<std::uint8_t>().data() + begin * block.width + column;
      const ByteColumn& shares = block.columns[column];
      if (shares[0].is_bundled()) continue;
      const std::uint8_t* from = slots_[shares[0].slot].dense + begin;
      if (shares.size() > 1) {
        std::copy_n(from, rows, codes.begin());
        for (const Share& share : std::span(shares).subspan(1)) {
          const std::uint8_t* more = slots_[share.slot].dense + begin;
          for (std::size_t i = 0; i < rows; ++i)
            codes[i] = static_cast<std::uint8_t>(codes[i] + more[i] * share.stride);
        }
        from = codes.data();
      }
      for (std::size_t i = 0; i < rows; ++i) to[i * block.width] = from[i];
    }
  });
}

void BinnedMatrix::build_sparse_rows() {
  std::vector<const Slot*> listed;
  std::size_t entries = 0;
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    if (!is_listed(slot)) continue;
    listed.push_back(&slots_[slot]);
    entries += slots_[slot].sparse_rows.size();
  }
  if (entries == 0) return;
  row_starts_.assign(rows_ + 1, 0);
  for (const Slot* slot : listed)
    for (const std::uint32_t row : slot->sparse_rows) ++row_starts_[row + 1];
  for (std::size_t row = 0; row < rows_; ++row) row_starts_[row + 1] += row_starts_[row];
  row_cells_.resize(entries);
  std::vector<std::uint64_t> next(row_starts_.begin(), row_starts_.end() - 1);
  for (const Slot* slot : listed)
    for (std::size_t i = 0; i < slot->sparse_rows.size(); ++i)
      row_cells_[next[slot->sparse_rows[i]]++] = slot->first_cell + slot->sparse_bins[i];
}

std::optional<std::uint8_t> BinnedMatrix::counted_bin(std::size_t slot) const {
  const FeatureBins& bins = *slots_[slot].bins;
  if (bins.categorical || bins.bins != 2 || slots_[slot].radix != 2) return std::nullopt;
  return static_cast<std::uint8_t>(is_sparse(slot) ? 1 - bins.zero_bin : 0);
}

std::optional<BinnedMatrix::Place> BinnedMatrix::place(std::size_t slot) const {
  return slots_[slot].place.bytes == nullptr ? std::nullopt : std::optional(slots_[slot].place);
}

void BinnedMatrix::gather(std::size_t slot_index, std::span<const std::uint32_t> rows,
                          std::uint8_t* bins) const {
  const Slot& slot = slots_[slot_index];
  ASTROLABE_CHECK(!slot.bins->is_wide(), "bins of a byte");
  if (slot.dense != nullptr) {
    const std::uint8_t* dense = slot.dense;
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
