// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/histogram.h"

#include <algorithm>

namespace astrolabe::trees {
namespace {

// Below this many updates of cells, waking another thread costs more than it saves.
constexpr std::size_t kSerialUpdates = 60'000;
constexpr std::size_t kCellChunk = 8192;
constexpr std::size_t kAhead = 16;  // rows between the prefetch of a row and its use

// Both sums of a cell in one register: one load, add and store per update.
using Lanes = long long __attribute__((vector_size(16), may_alias));

inline void add(Cell* cell, Lanes value) {
  *reinterpret_cast<Lanes*>(cell) += value;
}

// Where the column's cells begin, and its place in the block's row.
struct Target {
  Cell* cells;
  std::size_t column;
};

void add_dense_rows(const BinnedMatrix::Block& block, std::span<const Target> targets,
                    std::span<const std::uint32_t> rows, const Cell* gradients) {
  const std::uint8_t* bins = block.bins.data();
  const std::size_t width = block.width;
  const std::size_t fours = targets.size() / 4 * 4;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::size_t ahead = rows[std::min(i + kAhead, rows.size() - 1)];
    __builtin_prefetch(bins + ahead * width);
    __builtin_prefetch(gradients + ahead);
    const std::uint8_t* row = bins + rows[i] * width;
    const Lanes value = *reinterpret_cast<const Lanes*>(gradients + rows[i]);
    const Target* target = targets.data();
    const Target* const end = target + fours;
    for (; target != end; target += 4) {
      add(target[0].cells + row[target[0].column], value);
      add(target[1].cells + row[target[1].column], value);
      add(target[2].cells + row[target[2].column], value);
      add(target[3].cells + row[target[3].column], value);
    }
    for (; target != targets.data() + targets.size(); ++target)
      add(target->cells + row[target->column], value);
  }
}

void add_sparse_rows(std::span<const std::uint64_t> starts, std::span<const std::uint32_t> cells,
                     std::span<const std::uint32_t> rows, const Cell* gradients, Cell* histogram) {
  for (const std::uint32_t row : rows) {
    const Lanes value = *reinterpret_cast<const Lanes*>(gradients + row);
    for (std::uint64_t entry = starts[row]; entry < starts[row + 1]; ++entry)
      add(histogram + cells[entry], value);
  }
}

}  // namespace

HistogramBuilder::HistogramBuilder(const BinnedMatrix& matrix, std::size_t threads)
    : matrix_(matrix), threads_(std::max<std::size_t>(threads, 1)) {}

void HistogramBuilder::choose(std::span<const std::uint32_t> slots) {
  std::vector<bool> is_chosen(matrix_.slots(), false);
  has_chosen_sparse_ = false;
  for (const std::uint32_t slot : slots) {
    is_chosen[slot] = true;
    has_chosen_sparse_ = has_chosen_sparse_ || matrix_.is_sparse(slot);
  }
  chosen_.assign(matrix_.blocks().size(), {});
  updates_per_row_ = 1;
  for (std::size_t b = 0; b < chosen_.size(); ++b) {
    const BinnedMatrix::Block& block = matrix_.blocks()[b];
    for (std::uint32_t column = 0; column < block.slots.size(); ++column)
      if (is_chosen[block.slots[column]])
        chosen_[b].push_back({column, matrix_.first_cell(block.slots[column])});
    updates_per_row_ += chosen_[b].size();
  }
  if (has_chosen_sparse_) updates_per_row_ += matrix_.row_cells().size() / matrix_.rows();
}

void HistogramBuilder::build_part(std::span<const std::uint32_t> rows, std::span<const Cell> gradients,
                                  Cell* histogram) const {
  std::fill_n(histogram, matrix_.cells(), Cell{});
  std::vector<Target> targets;
  for (std::size_t b = 0; b < chosen_.size(); ++b) {
    targets.clear();
    for (const Column& column : chosen_[b]) targets.push_back({histogram + column.first_cell, column.column});
    if (!targets.empty() && !rows.empty())
      add_dense_rows(matrix_.blocks()[b], targets, rows, gradients.data());
  }
  if (has_chosen_sparse_)
    add_sparse_rows(matrix_.row_starts(), matrix_.row_cells(), rows, gradients.data(), histogram);
}

void HistogramBuilder::build(std::span<const std::uint32_t> rows, std::span<const Cell> gradients,
                             std::span<Cell> histogram, ThreadPool& pool) {
  // A part costs its updates and, for each further thread, clearing and adding up all cells.
  const std::size_t updates = rows.size() * updates_per_row_;
  const std::size_t parts = std::min(threads_, updates / std::max(kSerialUpdates, 2 * matrix_.cells()) + 1);
  if (parts == 1) {
    build_part(rows, gradients, histogram.data());
    return;
  }
  parts_.resize(std::max(parts_.size(), parts - 1));
  pool.for_each(parts, [&](std::size_t part) {
    const std::size_t begin = rows.size() * part / parts;
    const std::size_t end = rows.size() * (part + 1) / parts;
    if (part > 0) parts_[part - 1].resize(matrix_.cells());
    build_part(rows.subspan(begin, end - begin), gradients,
               part == 0 ? histogram.data() : parts_[part - 1].data());
  });
  pool.for_ranges(histogram.size(), kCellChunk, [&](std::size_t begin, std::size_t end, std::size_t) {
    for (std::size_t part = 1; part < parts; ++part)
      for (std::size_t cell = begin; cell < end; ++cell) histogram[cell] += parts_[part - 1][cell];
  });
}

void subtract(std::span<Cell> histogram, std::span<const Cell> other, ThreadPool& pool) {
  pool.for_ranges(histogram.size(), 8 * kCellChunk, [&](std::size_t begin, std::size_t end, std::size_t) {
    for (std::size_t cell = begin; cell < end; ++cell) histogram[cell] -= other[cell];
  });
}

}  // namespace astrolabe::trees
