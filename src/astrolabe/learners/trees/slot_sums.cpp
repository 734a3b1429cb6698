// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/slot_sums.h"

#include <algorithm>
#include <utility>

#include "astrolabe/learners/trees/row_sums.h"
#include "astrolabe/learners/trees/touched_bits.h"

namespace astrolabe::trees {
namespace {

// A bin of a histogram, counted, subtracted and searched, costs as much as so many updates here; a feature
// without a row outside of one bin as much as so many bins.
constexpr std::size_t kUpdatesPerCell = 2;
constexpr std::size_t kCellsPerSlot = 16;
constexpr std::size_t kCellsPerTwoValued = 4;  // in all
constexpr std::size_t kMostRows = 4096;        // sums of so many words never overflow
constexpr std::uint32_t kNoSlot = UINT32_MAX;

template <class Sum>
std::span<Sum> zeros_in(Buffer& buffer, std::size_t count) {
  if (buffer.bytes() < count * sizeof(Sum)) buffer = Buffer(count * sizeof(Sum));
  return buffer.as<Sum>().first(count);
}

}  // namespace

// `two_valued` stays empty where no chosen slot of the byte is.
SlotSummer::Column SlotSummer::column_of(const BinnedMatrix::ByteColumn& shares, bool at_once) const {
  Column column;
  column.codes = (shares.back().end() + kCandidateGroup - 1) / kCandidateGroup * kCandidateGroup;
  column.is_bundle = shares[0].is_bundled();
  for (const BinnedMatrix::Share& share : shares) {
    if (!is_chosen_[share.slot]) continue;
    if (!column.is_bundle || !at_once || !matrix_.counted_bin(share.slot)) {
      column.shares.push_back(share);
      continue;
    }
    column.two_valued.resize(column.codes, kNoSlot);
    column.two_valued[share.first] = share.slot;
  }
  if (shares.size() > 1 && !column.is_bundle) {
    for (const BinnedMatrix::Share& share : column.shares) {
      auto& bins = column.decoder.emplace_back();
      for (std::uint32_t code = 0; code < bins.size(); ++code) bins[code] = share.bin(code);
    }
  }
  return column;
}

void SlotSummer::choose(std::span<const std::uint32_t> slots, bool at_once) {
  is_chosen_.assign(matrix_.slots(), false);
  has_chosen_sparse_ = false;
  std::size_t cells = 0;
  for (const std::uint32_t slot : slots) {
    is_chosen_[slot] = true;
    has_chosen_sparse_ = has_chosen_sparse_ || matrix_.is_listed(slot);
    const bool is_bundled = matrix_.is_sparse(slot) && !matrix_.is_listed(slot);
    const bool is_told_together = at_once && is_bundled && matrix_.counted_bin(slot).has_value();
    cells += is_told_together ? kCellsPerTwoValued : matrix_.bins(slot).bins + 1 + kCellsPerSlot;
  }
  blocks_.clear();
  std::size_t updates = 1;
  for (const BinnedMatrix::Block& from : matrix_.blocks()) {
    Block block = {.block = &from, .columns = {}, .list = {}};
    for (std::size_t byte = 0; byte < from.columns.size(); ++byte) {
      Column column = column_of(from.columns[byte], at_once);
      if (column.shares.empty() && column.two_valued.empty()) continue;
      block.columns.push_back(std::move(column));
      block.list.push_back(static_cast<std::uint8_t>(byte));
    }
    updates += block.list.size();
    if (!block.list.empty()) blocks_.push_back(std::move(block));
  }
  if (has_chosen_sparse_) updates += matrix_.row_cells().size() / matrix_.rows();
  most_rows_ = std::min(kMostRows, kUpdatesPerCell * cells / updates);
}

// A sparse slot whose listed bins were found: `rest` is the sum of the bin of zero.
void SlotSummer::visit_with_zero(SlotSums& found, const Cell& rest, std::uint8_t zero_bin,
                                 const Visit& visit) {
  if (found.count == 0) return;
  if (rest.hessian_and_rows != 0) {
    std::size_t at = found.count++;
    for (; at > 0 && found.bins[at - 1] > zero_bin; --at) {
      found.bins[at] = found.bins[at - 1];
      found.cells[at] = found.cells[at - 1];
    }
    found.bins[at] = zero_bin;
    found.cells[at] = rest;
  }
  if (found.count > 1) visit(found);
}

void SlotSummer::visit_bundle(const Column& column, const Cell& total, Place& place, const Visits& visits) {
  const SlotSums& codes = place.codes;
  if (!column.two_valued.empty()) {
    CountedSums& counted = place.counted;
    counted.count = 0;
    for (std::size_t i = 0; i < codes.count; ++i) {
      const std::uint32_t slot = column.two_valued[codes.bins[i]];
      counted.slots[counted.count] = slot;
      counted.cells[counted.count] = codes.cells[i];
      counted.count += slot != kNoSlot ? 1 : 0;
    }
    if (counted.count > 0) visits.counted(counted);
  }
  std::size_t at = 0;
  for (const BinnedMatrix::Share& share : column.shares) {
    SlotSums& found = place.found;
    found.slot = share.slot;
    found.count = 0;
    while (at < codes.count && codes.bins[at] < share.first) ++at;
    Cell rest = total;
    for (; at < codes.count && codes.bins[at] < share.end(); ++at) {
      found.bins[found.count] = share.bin(codes.bins[at]);
      found.cells[found.count++] = codes.cells[at];
      rest -= codes.cells[at];
    }
    visit_with_zero(found, rest, share.zero_bin, visits.one);
  }
}

// The slots of a column from its codes.
void SlotSummer::visit_column(const Column& column, const Cell& total, Place& place, const Visits& visits) {
  if (column.is_bundle) {
    visit_bundle(column, total, place, visits);
    return;
  }
  SlotSums& codes = place.codes;
  if (column.decoder.empty()) {
    codes.slot = column.shares[0].slot;
    if (codes.count > 1) visits.one(codes);
    return;
  }
  SlotSums& found = place.found;
  for (std::size_t share = 0; share < column.shares.size(); ++share) {
    const std::uint32_t radix = column.shares[share].radix;
    std::array<Cell, 256> cells;
    std::fill_n(cells.begin(), radix, Cell{});
    for (std::size_t i = 0; i < codes.count; ++i)
      cells[column.decoder[share][codes.bins[i]]] += codes.cells[i];
    found.slot = column.shares[share].slot;
    found.count = 0;
    for (std::uint32_t bin = 0; bin < radix; ++bin) {
      if (cells[bin].hessian_and_rows == 0) continue;
      found.bins[found.count] = static_cast<std::uint8_t>(bin);
      found.cells[found.count++] = cells[bin];
    }
    if (found.count > 1) visits.one(found);
  }
}

void SlotSummer::sum_words(const NodeRows& node, Place& place, const Visits& visits) const {
  const PackedLayout& layout = node.packed->layout();
  const PackPlan plan = {.count_bits = layout.count_bits,
                         .gradient_shift = layout.count_bits + layout.hessian_bits,
                         .row_bits = layout.row_bits};
  const RowRoutines& routines = best_row_routines();
  std::uint64_t* const sums = zeros_in<std::uint64_t>(place.word_sums, kBlockSums).data();
  SlotSums& codes = place.codes;
  for (const Block& block : blocks_) {
    const bool is_whole = block.list.size() == block.block->columns.size();
    add_rows({.bins = block.block->data(),
              .width = block.block->width,
              .columns = block.list.size(),
              .list = is_whole ? nullptr : block.list.data()},
             node.rows, node.packed->words().data(), sums);
    for (std::size_t i = 0; i < block.columns.size(); ++i) {
      codes.count = routines.collect(sums + i * kSumStride, block.columns[i].codes, place.words.data(),
                                     codes.bins.data());
      if (codes.count == 1 && !block.columns[i].is_bundle) continue;
      routines.widen(plan, place.words.data(), codes.count, false, &codes.cells[0].gradient);
      visit_column(block.columns[i], node.total, place, visits);
    }
  }
  if (has_chosen_sparse_)
    sum_sparse(
        node, [&](std::uint32_t row) { return layout.widen(node.packed->words()[row]); }, place, visits.one);
}

void SlotSummer::sum_cells(const NodeRows& node, Place& place, const Visits& visits) const {
  const std::span<Cell> sums = zeros_in<Cell>(place.cell_sums, 256);
  std::array<std::uint64_t, 4> touched{};
  SlotSums& codes = place.codes;
  for (const Block& block : blocks_) {
    for (std::size_t i = 0; i < block.columns.size(); ++i) {
      const std::uint8_t* const bytes = block.block->data() + block.list[i];
      for (const std::uint32_t row : node.rows) {
        const std::uint8_t byte = bytes[row * block.block->width];
        sums[byte] += node.gradients[row];
        touched[byte / 64] |= std::uint64_t{1} << (byte % 64);
      }
      codes.count = 0;
      take_bits(touched, [&](std::size_t code) {
        codes.bins[codes.count] = static_cast<std::uint8_t>(code);
        codes.cells[codes.count++] = std::exchange(sums[code], {});
      });
      visit_column(block.columns[i], node.total, place, visits);
    }
  }
  if (has_chosen_sparse_)
    sum_sparse(node, [&](std::uint32_t row) { return node.gradients[row]; }, place, visits.one);
}

template <class ValueOf>
void SlotSummer::sum_sparse(const NodeRows& node, ValueOf value_of, Place& place, const Visit& visit) const {
  const std::span<Cell> sums = zeros_in<Cell>(place.sparse_sums, matrix_.cells());
  place.touched.resize((matrix_.cells() + 63) / 64);
  for (const std::uint32_t row : node.rows) {
    const Cell value = value_of(row);
    for (std::uint64_t entry = matrix_.row_starts()[row]; entry < matrix_.row_starts()[row + 1]; ++entry) {
      const std::uint32_t cell = matrix_.row_cells()[entry];
      sums[cell] += value;
      place.touched[cell / 64] |= std::uint64_t{1} << (cell % 64);
    }
  }
  SlotSums& found = place.found;
  found.slot = 0;
  found.count = 0;
  Cell rest = node.total;  // of the slot's bin of zero
  const auto finish_slot = [&] {
    if (is_chosen_[found.slot]) visit_with_zero(found, rest, matrix_.bins(found.slot).zero_bin, visit);
  };
  std::size_t end = 0;  // of the slot's cells
  take_bits(place.touched, [&](std::size_t cell) {
    if (cell >= end) {
      finish_slot();
      while (found.slot + 1 < matrix_.slots() && matrix_.first_cell(found.slot + 1) <= cell) ++found.slot;
      end = matrix_.first_cell(found.slot) + matrix_.bins(found.slot).bins + 1;
      found.count = 0;
      rest = node.total;
    }
    const Cell sum = std::exchange(sums[cell], {});
    found.bins[found.count] = static_cast<std::uint8_t>(cell - matrix_.first_cell(found.slot));
    found.cells[found.count++] = sum;
    rest -= sum;
  });
  finish_slot();
}

void SlotSummer::sum_up(const NodeRows& node, std::size_t place, const Visit& visit,
                        const VisitCounted& visit_counted) {
  const Visits visits = {.one = visit, .counted = visit_counted};
  if (node.packed != nullptr) {
    sum_words(node, places_[place], visits);
  } else {
    sum_cells(node, places_[place], visits);
  }
}

}  // namespace astrolabe::trees
