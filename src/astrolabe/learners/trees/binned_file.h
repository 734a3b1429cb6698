// SPDX-License-Identifier: Apache-2.0
// Binned rows on disk, for tables that memory does not hold: tiles of rows, each with its bins by row, its
// targets and its weights.
//
//   BinnedFile file(folder, features, bins, min_rows, /*has_weights=*/false);
//   while (source.next(block)) file.append(block, pool);
//   file.finish(pool);
//   file.read_bins(tile, bytes);                          // a few hundred kilobytes
//   const std::uint8_t* cell = bytes.data() + file.first_byte(tile, feature);  // row i: cell[i * width]
//
// The file has no name: it is gone with the process, however that ends. Tiles are read by pread, whose pages
// are the system's; those of a mapped file would count as this process's memory. A tile fits the second-level
// cache, so that what is read is used from there. Reading is thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "astrolabe/learners/trees/binned_matrix.h"
#include "astrolabe/model/learner.h"

namespace astrolabe::trees {

class BinnedFile {
 public:
  static constexpr std::size_t kGroupColumns = BinnedMatrix::kBlockColumns;
  static constexpr std::size_t kMostTileRows = 16'384;
  static constexpr std::size_t kLeastTileRows = 256;

  // `bins` [features], all of them usable; `info` describes the features. Throws `failure` when the folder
  // takes no file.
  BinnedFile(const std::filesystem::path& folder, std::shared_ptr<const std::vector<Feature>> info,
             std::vector<FeatureBins> bins, std::size_t min_rows, bool has_weights);
  ~BinnedFile();
  BinnedFile(const BinnedFile&) = delete;
  BinnedFile& operator=(const BinnedFile&) = delete;

  // Rows that weigh nothing are left out. Throws `failure` when the disk is full.
  void append(const TrainingData& block, ThreadPool& pool);
  // Nothing can be appended afterwards. Features on which no split could leave min_rows on both sides become
  // unusable.
  void finish(ThreadPool& pool);

  // The usable features, their bins and their histogram cells; has no rows itself. Only of a finished file.
  [[nodiscard]] const BinnedMatrix& layout() const { return *layout_; }
  [[nodiscard]] const std::vector<FeatureBins>& bins() const { return bins_; }
  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] bool has_weights() const { return has_weights_; }
  [[nodiscard]] std::uint64_t bytes() const { return rows_ * (row_bytes_ + label_bytes()); }

  [[nodiscard]] std::size_t tile_rows() const { return tile_rows_; }
  [[nodiscard]] std::size_t tiles() const { return (rows_ + tile_rows_ - 1) / tile_rows_; }
  [[nodiscard]] std::size_t rows_of(std::size_t tile) const;

  // Features lie in groups of kGroupColumns; a group's rows are width() bytes apart.
  [[nodiscard]] std::size_t groups() const { return group_starts_.size() - 1; }
  [[nodiscard]] std::size_t width(std::size_t group) const {
    return group_starts_[group + 1] - group_starts_[group];
  }
  // Of a tile's first row in what read_bins gives.
  [[nodiscard]] std::size_t first_byte(std::size_t tile, std::size_t feature) const {
    return rows_of(tile) * group_starts_[feature / kGroupColumns] + feature % kGroupColumns;
  }
  [[nodiscard]] std::size_t tile_bytes() const { return tile_rows_ * row_bytes_; }  // of the bins

  // Bins into to[rows_of(tile) * ...], at least tile_bytes(). Throws `failure` when the disk fails.
  void read_bins(std::size_t tile, std::span<std::uint8_t> to) const;
  // Targets into values[rows_of(tile)], weights likewise where there are any.
  void read_values(std::size_t tile, std::span<double> values) const;
  void read_weights(std::size_t tile, std::span<double> weights) const;

 private:
  [[nodiscard]] std::size_t label_bytes() const { return (has_weights_ ? 2 : 1) * sizeof(double); }
  [[nodiscard]] std::uint64_t offset(std::size_t tile) const {
    return std::uint64_t{tile} * tile_rows_ * (row_bytes_ + label_bytes());
  }
  void fill_tile(const BinnedMatrix& block, std::span<const std::uint32_t> rows, ThreadPool& pool);
  void count_bins(const BinnedMatrix& block, std::span<const std::uint32_t> rows, ThreadPool& pool);
  void write_tile();
  void read(std::uint64_t from, void* to, std::size_t bytes) const;

  std::filesystem::path folder_;
  std::shared_ptr<const std::vector<Feature>> info_;
  std::vector<FeatureBins> bins_;
  std::size_t min_rows_;
  bool has_weights_;
  std::optional<BinnedMatrix> layout_;
  std::vector<std::size_t> group_starts_ = {0};  // [groups + 1] bytes of a row before the group
  std::size_t row_bytes_ = 0;
  std::size_t tile_rows_ = kMostTileRows;
  int file_ = -1;
  std::size_t rows_ = 0;
  // [features][bins + 1] rows, until there are enough of them.
  std::vector<std::vector<std::uint64_t>> counts_;
  // The tile that is being filled, as if it were a full one.
  std::vector<std::uint8_t> open_bins_;
  std::vector<double> open_values_;
  std::vector<double> open_weights_;
};

}  // namespace astrolabe::trees
