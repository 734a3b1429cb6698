// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/histogram.h"

#include <algorithm>

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
    : matrix_(matrix), places_(std::max<std::size_t>(threads, 1)) {}

HistogramBuilder::Bundle HistogramBuilder::bundle_of(const BinnedMatrix::ByteColumn& shares) const {
  Bundle bundle;
  if (!shares[0].is_bundled()) return bundle;
  for (const BinnedMatrix::Share& share : shares) {
    if (!is_chosen_[share.slot]) continue;
    const std::uint32_t first = matrix_.first_cell(share.slot);
    for (std::uint32_t byte = share.first; byte < share.end(); ++byte)
      bundle.codes.push_back({.byte = byte, .cell = first + share.bin(byte)});
    bundle.others.push_back(first + share.zero_bin);
    for (std::uint32_t bin = share.radix + 1; bin <= matrix_.bins(share.slot).bins; ++bin)
      bundle.others.push_back(first + bin);
  }
  return bundle;
}

void HistogramBuilder::choose(std::span<const std::uint32_t> slots) {
  slots_.assign(slots.begin(), slots.end());
  is_chosen_.assign(matrix_.slots(), false);
  has_chosen_sparse_ = false;
  for (const std::uint32_t slot : slots) {
    is_chosen_[slot] = true;
    has_chosen_sparse_ = has_chosen_sparse_ || matrix_.is_listed(slot);
  }
  chosen_.assign(matrix_.blocks().size(), {});
  updates_per_row_ = 1;
  for (std::size_t b = 0; b < chosen_.size(); ++b) {
    const auto& columns = matrix_.blocks()[b].columns;
    for (std::size_t column = 0; column < columns.size(); ++column) {
      if (std::ranges::none_of(columns[column], [&](const auto& share) { return is_chosen_[share.slot]; }))
        continue;
      chosen_[b].columns.push_back(static_cast<std::uint8_t>(column));
      chosen_[b].bundles.push_back(bundle_of(columns[column]));
    }
    chosen_[b].is_whole = chosen_[b].columns.size() == columns.size();
    updates_per_row_ += chosen_[b].columns.size();
  }
  if (has_chosen_sparse_) updates_per_row_ += matrix_.row_cells().size() / matrix_.rows();
}

void HistogramBuilder::clear_sparse(Cell* histogram) const {
  // Of all slots: rows list the cells of those that were not chosen as well.
  for (std::size_t slot = 0; slot < matrix_.slots(); ++slot)
    if (matrix_.is_listed(slot))
      std::fill_n(histogram + matrix_.first_cell(slot), matrix_.bins(slot).bins + 1, Cell{});
}

void HistogramBuilder::add_cells(std::span<const std::uint32_t> rows, std::span<const Cell> gradients,
                                 Cell* histogram) const {
  for (const std::uint32_t slot : slots_) {
    Cell* const cells = histogram + matrix_.first_cell(slot);
    std::fill_n(cells, matrix_.bins(slot).bins + 1, Cell{});
    if (matrix_.is_sparse(slot)) continue;
    const std::uint8_t* const bins = matrix_.dense(slot);
    for (const std::uint32_t row : rows) cells[bins[row]] += gradients[row];
  }
  for (std::size_t b = 0; b < chosen_.size(); ++b) {
    const BinnedMatrix::Block& block = matrix_.blocks()[b];
    for (std::size_t i = 0; i < chosen_[b].columns.size(); ++i) {
      if (chosen_[b].bundles[i].codes.empty()) continue;
      const std::uint8_t* const bytes = block.data() + chosen_[b].columns[i];
      std::array<Cell, 256> sums{};
      for (const std::uint32_t row : rows) sums[bytes[row * block.width]] += gradients[row];
      for (const Bundle::Code& code : chosen_[b].bundles[i].codes) histogram[code.cell] = sums[code.byte];
    }
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
  for (std::size_t at = 0; at < chosen.columns.size(); ++at) {
    const BinnedMatrix::ByteColumn& shares = block.columns[chosen.columns[at]];
    if (shares[0].is_bundled()) {
      std::array<std::int64_t, std::size_t{2} * 256> numbers;  // of cells, which would be cleared first
      best_row_routines().widen(plan, sums, shares.back().end(), false, numbers.data());
      const auto cell_of = [&](std::size_t byte) { return Cell{numbers[2 * byte], numbers[2 * byte + 1]}; };
      const Bundle& bundle = chosen.bundles[at];
      if (adds) {
        for (const Bundle::Code& code : bundle.codes) histogram[code.cell] += cell_of(code.byte);
      } else {
        for (const Bundle::Code& code : bundle.codes) histogram[code.cell] = cell_of(code.byte);
        for (const std::uint32_t cell : bundle.others) histogram[cell] = {};
      }
    } else if (shares.size() == 1) {
      widen(sums, shares[0].slot, shares[0].radix);
    } else {
      const std::size_t codes = shares.back().end();
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
                                      std::size_t place, BuildPart build_part) {
  // A part costs its updates and, for each further thread, clearing and adding up all cells.
  const std::size_t updates = rows * updates_per_row_;
  const std::size_t parts =
      std::min({places_.size(), pool.size(), updates / std::max(kSerialUpdates, 2 * matrix_.cells()) + 1});
  if (parts == 1) {
    build_part(0, rows, places_[place], histogram.data());
    return;
  }
  pool.for_each(parts, [&](std::size_t part) {
    Place& own = places_[part];
    Cell* const to = part == 0 ? histogram.data() : histogram_in(own.histogram, matrix_.cells()).data();
    build_part(rows * part / parts, rows * (part + 1) / parts, own, to);
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
                             std::span<Cell> histogram, ThreadPool& pool, std::size_t place) {
  build_in_parts(rows.size(), histogram, pool, place,
                 [&](std::size_t begin, std::size_t end, Place& /*own*/, Cell* to) {
                   add_cells(rows.subspan(begin, end - begin), gradients, to);
                 });
}

void HistogramBuilder::build(std::span<const std::uint32_t> rows, const PackedRows& packed,
                             std::span<Cell> histogram, ThreadPool& pool, std::size_t place) {
  build_in_parts(
      rows.size(), histogram, pool, place, [&](std::size_t begin, std::size_t end, Place& own, Cell* to) {
        if (own.sums.empty()) own.sums = Buffer(kBlockSums * sizeof(std::uint64_t));
        add_packed(rows.subspan(begin, end - begin), packed, own.sums.as<std::uint64_t>().data(), to);
      });
}

}  // namespace astrolabe::trees
