// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/binned_file.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include "astrolabe/base/error.h"

namespace astrolabe::trees {
namespace {

constexpr std::size_t kTileBytes = std::size_t{512} << 10;
constexpr std::size_t kStepRows = 1024;

Error disk_error(const std::filesystem::path& folder, const char* what, const std::string& why) {
  return failure({.attempted = std::string(what) + " binned rows in " + folder.string(),
                  .found = why,
                  .remedy =
                      "Fitting out of memory needs room there: about one byte for each cell of the table. "
                      "TMPDIR may name another place."});
}

int open_unnamed(const std::filesystem::path& folder) {
  std::string path = (folder / ".binned-XXXXXX").string();
  const int file = ::mkostemp(path.data(), O_CLOEXEC);
  if (file < 0) throw disk_error(folder, "writing", std::strerror(errno));
  ::unlink(path.c_str());
  ::posix_fadvise(file, 0, 0, POSIX_FADV_SEQUENTIAL);
  return file;
}

FeatureMatrix no_rows(std::shared_ptr<const std::vector<Feature>> info) {
  FeatureMatrix empty;
  empty.columns.resize(info->size());
  empty.info = std::move(info);
  return empty;
}

// Whether min_rows rows lie outside of every bin.
bool could_split(std::span<const std::uint64_t> counts, std::size_t min_rows) {
  return std::ranges::max(counts) + min_rows <=
         std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

}  // namespace

BinnedFile::BinnedFile(const std::filesystem::path& folder, std::shared_ptr<const std::vector<Feature>> info,
                       std::vector<FeatureBins> bins, std::size_t min_rows, bool has_weights)
    : folder_(folder),
      info_(std::move(info)),
      bins_(std::move(bins)),
      min_rows_(min_rows),
      has_weights_(has_weights),
      file_(open_unnamed(folder)) {
  for (std::size_t feature = 0; feature < bins_.size(); feature += kGroupColumns) {
    // A power of two: no row lies across two cache lines.
    row_bytes_ += std::bit_ceil(std::min(kGroupColumns, bins_.size() - feature));
    group_starts_.push_back(row_bytes_);
  }
  tile_rows_ = std::clamp(kTileBytes / std::max<std::size_t>(row_bytes_, 1) / kLeastTileRows * kLeastTileRows,
                          kLeastTileRows, kMostTileRows);
  open_bins_.resize(tile_bytes());
  for (const FeatureBins& each : bins_) {
    ASTROLABE_CHECK(each.usable, "a slot for every feature while rows are appended");
    counts_.emplace_back(each.bins + 1, 0);
  }
}

BinnedFile::~BinnedFile() {
  ::close(file_);
}

std::size_t BinnedFile::rows_of(std::size_t tile) const {
  return std::min(tile_rows_, rows_ - tile * tile_rows_);
}

void BinnedFile::append(const TrainingData& block, ThreadPool& pool) {
  const BinnedMatrix binned(block.features, bins_, Purpose::watching, pool);
  std::vector<std::uint32_t> kept;
  for (std::uint32_t row = 0; row < block.labels.rows(); ++row)
    if (block.labels.weight(row) > 0) kept.push_back(row);
  count_bins(binned, kept, pool);
  for (std::size_t begin = 0; begin < kept.size();) {
    const std::size_t count = std::min(kept.size() - begin, tile_rows_ - open_values_.size());
    const std::span<const std::uint32_t> rows = std::span(kept).subspan(begin, count);
    fill_tile(binned, rows, pool);
    for (const std::uint32_t row : rows) {
      open_values_.push_back(block.labels.values[row]);
      if (has_weights_) open_weights_.push_back(block.labels.weight(row));
    }
    if (open_values_.size() == tile_rows_) write_tile();
    begin += count;
  }
}

void BinnedFile::fill_tile(const BinnedMatrix& block, std::span<const std::uint32_t> rows, ThreadPool& pool) {
  const std::size_t filled = open_values_.size();
  pool.for_ranges(rows.size(), kStepRows, [&](std::size_t begin, std::size_t end, std::size_t) {
    std::array<std::uint8_t, kStepRows> bins;
    for (std::size_t slot = 0; slot < bins_.size(); ++slot) {
      block.gather(slot, rows.subspan(begin, end - begin), bins.data());
      const std::size_t group = slot / kGroupColumns;
      std::uint8_t* to = open_bins_.data() + tile_rows_ * group_starts_[group] +
                         (filled + begin) * width(group) + slot % kGroupColumns;
      for (std::size_t i = 0; i < end - begin; ++i) to[i * width(group)] = bins[i];
    }
  });
}

void BinnedFile::count_bins(const BinnedMatrix& block, std::span<const std::uint32_t> rows,
                            ThreadPool& pool) {
  pool.for_each(bins_.size(), [&](std::size_t feature) {
    std::array<std::uint8_t, kStepRows> bins;
    for (std::size_t begin = 0; begin < rows.size(); begin += kStepRows) {
      if (could_split(counts_[feature], min_rows_)) return;  // further rows do not change that
      const auto step = rows.subspan(begin, std::min(kStepRows, rows.size() - begin));
      block.gather(feature, step, bins.data());
      for (std::size_t i = 0; i < step.size(); ++i) ++counts_[feature][bins[i]];
    }
  });
}

void BinnedFile::write_tile() {
  const std::size_t rows = open_values_.size();
  std::uint64_t at = offset(rows_ / tile_rows_);
  const auto write = [&](const void* from, std::size_t bytes) {
    const auto* next = static_cast<const std::uint8_t*>(from);
    while (bytes > 0) {
      const ::ssize_t written = ::pwrite(file_, next, bytes, static_cast<::off_t>(at));
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) throw disk_error(folder_, "writing", std::strerror(errno));
      next += written;
      at += static_cast<std::uint64_t>(written);
      bytes -= static_cast<std::size_t>(written);
    }
  };
  for (std::size_t group = 0; group < groups(); ++group)
    write(open_bins_.data() + tile_rows_ * group_starts_[group], rows * width(group));
  write(open_values_.data(), rows * sizeof(double));
  if (has_weights_) write(open_weights_.data(), rows * sizeof(double));
  rows_ += rows;
  open_values_.clear();
  open_weights_.clear();
}

void BinnedFile::finish(ThreadPool& pool) {
  if (!open_values_.empty()) write_tile();
  open_bins_ = {};
  for (std::size_t feature = 0; feature < bins_.size(); ++feature)
    bins_[feature].usable = could_split(counts_[feature], min_rows_);
  counts_.clear();
  layout_.emplace(no_rows(info_), bins_, Purpose::watching, pool);
}

void BinnedFile::read(std::uint64_t from, void* to, std::size_t bytes) const {
  auto* next = static_cast<std::uint8_t*>(to);
  while (bytes > 0) {
    const ::ssize_t got = ::pread(file_, next, bytes, static_cast<::off_t>(from));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw disk_error(folder_, "reading", got == 0 ? "the file ended" : std::strerror(errno));
    next += got;
    from += static_cast<std::uint64_t>(got);
    bytes -= static_cast<std::size_t>(got);
  }
}

void BinnedFile::read_bins(std::size_t tile, std::span<std::uint8_t> to) const {
  read(offset(tile), to.data(), rows_of(tile) * row_bytes_);
}

void BinnedFile::read_values(std::size_t tile, std::span<double> values) const {
  read(offset(tile) + rows_of(tile) * row_bytes_, values.data(), rows_of(tile) * sizeof(double));
}

void BinnedFile::read_weights(std::size_t tile, std::span<double> weights) const {
  read(offset(tile) + rows_of(tile) * (row_bytes_ + sizeof(double)), weights.data(),
       rows_of(tile) * sizeof(double));
}

}  // namespace astrolabe::trees
