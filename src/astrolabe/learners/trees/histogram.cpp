// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/histogram.h"

#include <algorithm>

#include "astrolabe/learners/trees/row_routines.h"
#include "astrolabe/learners/trees/row_sums.h"

namespace astrolabe::trees {
namespace {

// Below this many updates of cells, waking another thread costs more than it saves.
constexpr std::size_t kSerialUpdates = 60'000;

std::span<Cell> histogram_in(Buffer& buffer, std::size_t cells) {
  if (buffer.empty()) buffer = Buffer(cells * sizeof(Cell));
  return buffer.as<Cell>();
}

}  // namespace

HistogramBuilder::HistogramBuilder(const BinnedMatrix& matrix, std::size_t threads)
    : matrix_(matrix), threads_(std::max<std::size_t>(threads, 1)) {}

void HistogramBuilder::choose(std::span<const std::uint32_t> slots) {
  slots_.assign(slots.begin(), slots.end());
  is_chosen_.assign(matrix_.slots(), false);
  has_chosen_sparse_ = false;
  for (const std::uint32_t slot : slots) {
    is_chosen_[slot] = true;
    has_chosen_sparse_ = has_chosen_sparse_ || matrix_.is_sparse(slot);
  }
  chosen_.assign(matrix_.blocks().size(), {});
  updates_per_row_ = 1;
  for (std::size_t b = 0; b < chosen_.size(); ++b) {
    const auto& columns = matrix_.blocks()[b].columns;
    for (std::size_t column = 0; column < columns.size(); ++column)
      if (std::ranges::any_of(columns[column], [&](const auto& share) { return is_chosen_[share.slot]; }))
        chosen_[b].columns.push_back(static_cast<std::uint8_t>(column));
    chosen_[b].is_whole = chosen_[b].columns.size() == columns.size();
    updates_per_row_ += chosen_[b].columns.size();
  }
  if (has_chosen_sparse_) updates_per_row_ += matrix_.row_cells().size() / matrix_.rows();
}

void HistogramBuilder::clear_sparse(Cell* histogram) const {
  // Of all slots: rows list the cells of those that were not chosen as well.
  for (std::size_t slot = 0; slot < matrix_.slots(); ++slot)
    if (matrix_.is_sparse(slot))
      std::fill_n(histogram + matrix_.first_cell(slot), matrix_.bins(slot).bins + 1, Cell{});
}

void HistogramBuilder::add_cells(std::span<const std::uint32_t> rows, std::span<const Cell> gradients,
                                 Cell* histogram) const {
  for (const std::uint32_t slot : slots_) {
    if (matrix_.is_sparse(slot)) continue;
    Cell* const cells = histogram + matrix_.first_cell(slot);
    std::fill_n(cells, matrix_.bins(slot).bins + 1, Cell{});
    const std::uint8_t* const bins = matrix_.dense(slot);
    for (const std::uint32_t row : rows) cells[bins[row]] += gradients[row];
  }
  if (!has_chosen_sparse_) return;
  clear_sparse(histogram);
  for (const std::uint32_t row : rows)
    for (std::uint64_t entry = matrix_.row_starts()[row]; entry < matrix_.row_starts()[row + 1]; ++entry)
      histogram[matrix_.row_cells()[entry]] += gradients[row];
}

// Cells of the block from its sums, which are 0 afterwards.
void HistogramBuilder::widen_block(const BinnedMatrix::Block& block, const Chosen& chosen,
                                   const PackedLayout& layout, bool adds, std::uint64_t* sums,
                                   Cell* histogram) const {
  const PackPlan plan = {.count_bits = layout.count_bits,
                         .gradient_shift = layout.count_bits + layout.hessian_bits,
                         .row_bits = layout.row_bits};
  const auto widen = [&](std::uint64_t* from, std::uint32_t slot, std::size_t count) {
    Cell* const cells = histogram + matrix_.first_cell(slot);
    best_row_routines().widen(plan, from, count, adds, &cells->gradient);
    // Bins that no row has, such as that of missing values.
    if (!adds) std::fill(cells + count, cells + matrix_.bins(slot).bins + 1, Cell{});
  };
  for (const std::uint8_t column : chosen.columns) {
    const BinnedMatrix::ByteColumn& shares = block.columns[column];
    if (shares.size() == 1) {
      widen(sums, shares[0].slot, shares[0].radix);
    } else {
      const std::size_t codes = std::size_t{shares.back().stride} * shares.back().radix;
      for (const BinnedMatrix::Share& share : shares) {
        if (!is_chosen_[share.slot]) continue;
        std::array<std::uint64_t, 256> own{};
        std::size_t code = 0;
        while (code < codes)
          for (std::uint32_t bin = 0; bin < share.radix; ++bin)
            for (std::uint32_t i = 0; i < share.stride; ++i) own[bin] += sums[code++];
        widen(own.data(), share.slot, share.radix);
      }
      std::fill_n(sums, codes, std::uint64_t{0});
    }
    sums += kSumStride;
  }
}

void HistogramBuilder::add_packed(std::span<const std::uint32_t> rows, const PackedRows& packed,
                                  std::uint64_t* sums, Cell* histogram) const {
  const std::span<const std::uint64_t> words = packed.words();
  for (std::size_t b = 0; b < chosen_.size(); ++b) {
    const Chosen& chosen = chosen_[b];
    if (chosen.columns.empty()) continue;
    const BinnedMatrix::Block& block = matrix_.blocks()[b];
    const RowBytes bytes = {.bins = block.data(),
                            .width = block.width,
                            .columns = chosen.columns.size(),
                            .list = chosen.is_whole ? nullptr : chosen.columns.data()};
    std::size_t begin = 0;
    do {
      const std::size_t count = std::min(rows.size() - begin, packed.layout().block_rows());
      if (count > 0) add_rows(bytes, rows.subspan(begin, count), words.data(), sums);
      widen_block(block, chosen, packed.layout(), begin > 0, sums, histogram);
      begin += count;
    } while (begin < rows.size());
  }
  if (!has_chosen_sparse_) return;
  clear_sparse(histogram);
  for (const std::uint32_t row : rows) {
    const Cell cell = packed.layout().widen(words[row]);
    for (std::uint64_t entry = matrix_.row_starts()[row]; entry < matrix_.row_starts()[row + 1]; ++entry)
      histogram[matrix_.row_cells()[entry]] += cell;
  }
}

// Calls build_part(begin, end, place, histogram) for parts of the rows, and adds their histograms up.
template <class BuildPart>
void HistogramBuilder::build_in_parts(std::size_t rows, std::span<Cell> histogram, ThreadPool& pool,
                                      BuildPart build_part) {
  // A part costs its updates and, for each further thread, clearing and adding up all cells.
  const std::size_t updates = rows * updates_per_row_;
  const std::size_t parts = std::min(threads_, updates / std::max(kSerialUpdates, 2 * matrix_.cells()) + 1);
  if (places_.size() < parts) places_.resize(parts);
  if (parts == 1) {
    build_part(0, rows, places_[0], histogram.data());
    return;
  }
  pool.for_each(parts, [&](std::size_t part) {
    Place& place = places_[part];
    Cell* const own = part == 0 ? histogram.data() : histogram_in(place.histogram, matrix_.cells()).data();
    build_part(rows * part / parts, rows * (part + 1) / parts, place, own);
  });
  pool.for_each(parts, [&](std::size_t share) {
    for (std::size_t i = slots_.size() * share / parts; i < slots_.size() * (share + 1) / parts; ++i) {
      const std::size_t first = matrix_.first_cell(slots_[i]);
      const std::size_t last = first + matrix_.bins(slots_[i]).bins + 1;
      for (std::size_t part = 1; part < parts; ++part) {
        const Cell* const own = places_[part].histogram.as<Cell>().data();
        for (std::size_t cell = first; cell < last; ++cell) histogram[cell] += own[cell];
      }
    }
  });
}

void HistogramBuilder::build(std::span<const std::uint32_t> rows, std::span<const Cell> gradients,
                             std::span<Cell> histogram, ThreadPool& pool) {
  build_in_parts(rows.size(), histogram, pool,
                 [&](std::size_t begin, std::size_t end, Place& /*place*/, Cell* own) {
                   add_cells(rows.subspan(begin, end - begin), gradients, own);
                 });
}

void HistogramBuilder::build(std::span<const std::uint32_t> rows, const PackedRows& packed,
                             std::span<Cell> histogram, ThreadPool& pool) {
  build_in_parts(
      rows.size(), histogram, pool, [&](std::size_t begin, std::size_t end, Place& place, Cell* own) {
        if (place.sums.empty()) place.sums = Buffer(kBlockSums * sizeof(std::uint64_t));
        add_packed(rows.subspan(begin, end - begin), packed, place.sums.as<std::uint64_t>().data(), own);
      });
}

}  // namespace astrolabe::trees
