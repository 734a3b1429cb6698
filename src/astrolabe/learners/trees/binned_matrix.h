// SPDX-License-Identifier: Apache-2.0
// Features as bins. Dense features are kept twice: by column for partitioning, and by row, in blocks of at
// most 32 bytes a row (half a cache line), for histograms. Features of few bins share a byte there: one
// addition counts them all. Sparse features are listed by column and by row, without the bin of zero; those
// that exclude one another share a byte instead of the lists by row.
//
//   std::vector<FeatureBins> bins = find_bins(train.features, weights, 255, min_rows, pool, budget);
//   BinnedMatrix rows(train.features, bins, Purpose::training, pool);
//   rows.gather(slot, some_rows, out);  // their bins of the feature in this slot
//
// Features of numbers with more than 255 bins are wide: two bytes a row, by column only (wide_sums.h).
//
// A slot is the place of a usable feature: one on which some split could leave min_rows on both sides.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/thread_pool.h"
#include "astrolabe/data/binning.h"
#include "astrolabe/model/feature_matrix.h"
#include "astrolabe/tensor/buffer.h"

namespace astrolabe::trees {

// Codes are kept in floats, which count exactly up to here. Higher codes count as missing.
inline constexpr std::uint32_t kMaxCategories = std::uint32_t{1} << 24;
inline constexpr std::size_t kMaxWideBins = 65'535;  // one value of two bytes is left for "missing"

// Bins 0 .. bins-1 hold values; bin `bins` holds what is missing, and categories without a bin of their own.
struct FeatureBins {
  bool categorical = false;
  bool usable = false;
  std::vector<float> cuts;                  // numeric: bin b holds (cuts[b-1], cuts[b]]
  std::vector<std::uint8_t> category_bins;  // categorical: [categories] bin of a code
  std::uint32_t bins = 0;
  std::uint8_t zero_bin = 0;  // numeric: the bin of zero

  // Then bins are two bytes, and what follows means nothing.
  [[nodiscard]] bool is_wide() const { return bins > kMaxBins; }
  [[nodiscard]] std::uint8_t missing_bin() const { return static_cast<std::uint8_t>(bins); }
  [[nodiscard]] std::uint8_t bin(float value) const;
};

// Of a feature of categories, from the weight of each.
[[nodiscard]] FeatureBins category_bins(std::span<const double> weights, std::size_t max_bins);

// [features]. Rows of weight 0 take no part. Numbers get at most `max_bins` <= kMaxWideBins, categories, by
// falling weight, at most that and kMaxBins; the rest of them count as missing. Leaves features unusable when
// the budget ends.
[[nodiscard]] std::vector<FeatureBins> find_bins(const FeatureMatrix& features,
                                                 std::span<const double> weights, std::size_t max_bins,
                                                 std::size_t min_rows, ThreadPool& pool,
                                                 const Budget& budget);

enum class Purpose { training, watching };  // watching: by column only

class BinnedMatrix {
 public:
  static constexpr std::size_t kBlockColumns = 32;

  // `bins` must outlive the matrix.
  BinnedMatrix(const FeatureMatrix& features, const std::vector<FeatureBins>& bins, Purpose purpose,
               ThreadPool& pool);

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t slots() const { return slots_.size(); }
  [[nodiscard]] std::uint32_t feature(std::size_t slot) const { return slots_[slot].feature; }
  [[nodiscard]] const FeatureBins& bins(std::size_t slot) const { return *slots_[slot].bins; }
  [[nodiscard]] bool is_sparse(std::size_t slot) const {
    return slots_[slot].dense == nullptr && !is_wide(slot);
  }
  [[nodiscard]] bool is_wide(std::size_t slot) const { return slots_[slot].bins->is_wide(); }
  // The bins of all rows of a wide slot.
  [[nodiscard]] const std::uint16_t* wide(std::size_t slot) const { return slots_[slot].wide.data(); }
  // The bins of all rows of a dense slot; three further bytes may be read. Null for others.
  [[nodiscard]] const std::uint8_t* dense(std::size_t slot) const { return slots_[slot].dense; }
  // Where the slot's bins+1 histogram cells begin; cells() is the end of the last. A wide one has none.
  [[nodiscard]] std::uint32_t first_cell(std::size_t slot) const { return slots_[slot].first_cell; }
  [[nodiscard]] std::size_t cells() const { return cells_; }

  // Of a slot of numbers of two values, none of them missing in any row: that of its bins whose cell a
  // histogram holds, be the slot sparse or not. Nothing for others.
  [[nodiscard]] std::optional<std::uint8_t> counted_bin(std::size_t slot) const;

  // The bins of some rows, ascending, of a slot that is not wide.
  void gather(std::size_t slot, std::span<const std::uint32_t> rows, std::uint8_t* bins) const;

  // A byte of a row: sum of bin * stride over its slots, the bin of one being (byte / stride) % radix. Or,
  // where stride is 0, a bundle of sparse slots: a slot has `radix` bytes from `first` on, in the order of
  // its bins, that of zero left out, which all other bytes mean.
  struct Share {
    std::uint32_t slot = 0;
    std::uint32_t stride = 1;
    std::uint32_t radix = 256;
    std::uint32_t first = 0;
    std::uint8_t zero_bin = 0;

    [[nodiscard]] bool is_bundled() const { return stride == 0; }
    [[nodiscard]] std::uint8_t bin(std::uint32_t byte) const {
      if (!is_bundled()) return static_cast<std::uint8_t>(byte / stride % radix);
      const std::uint32_t at = byte - first;
      return static_cast<std::uint8_t>(at >= radix ? zero_bin : at < zero_bin ? at : at + 1);
    }
    // One more than the largest byte that it makes.
    [[nodiscard]] std::uint32_t end() const { return is_bundled() ? first + radix : stride * radix; }
  };
  using ByteColumn = std::vector<Share>;
  // Where a dense or bundled slot is in the row-major parts: bytes[row << shift].
  struct Place {
    const std::uint8_t* bytes = nullptr;
    unsigned shift = 0;
    Share share;
  };
  [[nodiscard]] std::optional<Place> place(std::size_t slot) const;  // nothing: a listed one, or watching
  // A sparse slot that is not in a bundle.
  [[nodiscard]] bool is_listed(std::size_t slot) const {
    return is_sparse(slot) && slots_[slot].place.bytes == nullptr;
  }
  // Row-major parts, for histograms.
  struct Block {
    std::vector<ByteColumn> columns;
    std::size_t width = 0;  // bytes from one row to the next: a power of two
    Buffer bins;            // [rows, width], zero beyond the columns

    [[nodiscard]] const std::uint8_t* data() const { return bins.as<std::uint8_t>().data(); }
  };
  [[nodiscard]] const std::vector<Block>& blocks() const { return blocks_; }
  // Cells of the entries of a row in listed slots: [row_starts[row], row_starts[row + 1]). Empty without any.
  [[nodiscard]] std::span<const std::uint64_t> row_starts() const { return row_starts_; }
  [[nodiscard]] std::span<const std::uint32_t> row_cells() const { return row_cells_; }

 private:
  struct Slot {
    std::uint32_t feature = 0;
    const FeatureBins* bins = nullptr;
    std::uint32_t first_cell = 0;
    std::uint8_t* dense = nullptr;  // [rows] in columns_, or null
    std::uint32_t radix = 256;      // one more than the largest bin of any row, where not wide
    Place place = {};
    std::vector<std::uint32_t> sparse_rows = {};  // ascending
    std::vector<std::uint8_t> sparse_bins = {};
    std::vector<std::uint16_t> wide = {};  // [rows] where the feature is
  };
  void place_columns(const FeatureMatrix& features);
  void fill_slot(Slot& slot, const FeatureColumn& column) const;
  void fill_wide(Slot& slot, const FeatureColumn& column) const;
  [[nodiscard]] std::vector<ByteColumn> plan_columns() const;
  void plan_blocks();
  void fill_bundle(const ByteColumn& shares, Block& block, std::size_t column) const;
  void build_blocks(ThreadPool& pool);
  void build_sparse_rows();

  std::size_t rows_ = 0;
  std::size_t cells_ = 0;
  std::vector<Slot> slots_;
  Buffer columns_;  // the dense slots, one after the other
  std::vector<Block> blocks_;
  std::vector<std::uint64_t> row_starts_;
  std::vector<std::uint32_t> row_cells_;
};

}  // namespace astrolabe::trees
