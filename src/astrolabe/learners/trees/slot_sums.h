// SPDX-License-Identifier: Apache-2.0
// The sums of a node of few rows, feature by feature: only the bins that its rows are in, where a histogram
// passes over all.
//
//   SlotSummer summer(matrix, pool.size());
//   summer.choose(slots_of_this_tree);
//   if (summer.suits(rows.size()))
//     summer.sum_up({.rows = rows, .packed = &packed, .total = total}, 0, [](const SlotSums& sums) { ... });
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "astrolabe/learners/trees/binned_matrix.h"
#include "astrolabe/learners/trees/fixed_point.h"
#include "astrolabe/learners/trees/packed_rows.h"
#include "astrolabe/learners/trees/row_routines.h"
#include "astrolabe/tensor/buffer.h"

namespace astrolabe::trees {

// The bins of one slot that have rows, ascending. More elements may be written behind the last.
struct SlotSums {
  static constexpr std::size_t kCapacity = 256 + kCandidateGroup;
  std::uint32_t slot = 0;
  std::size_t count = 0;
  std::array<std::uint8_t, kCapacity> bins;
  std::array<Cell, kCapacity> cells;
};

// The sums of the counted bins of two-valued slots (two_values.h) of one byte, ascending by slot; more
// elements may be read behind the last.
struct CountedSums {
  std::size_t count = 0;
  std::array<std::uint32_t, SlotSums::kCapacity> slots;
  std::array<Cell, SlotSums::kCapacity> cells;
};

struct NodeRows {
  std::span<const std::uint32_t> rows;  // ascending
  std::span<const Cell> gradients;      // [rows of the matrix]
  const PackedRows* packed = nullptr;   // instead of gradients
  Cell total;                           // of the rows
};

// Threads may sum up at the same time, each at its own place.
class SlotSummer {
 public:
  SlotSummer(const BinnedMatrix& matrix, std::size_t threads) : matrix_(matrix), places_(threads) {}

  // The slots of the next trees, ascending. With `at_once`, two-valued ones of bundles are told together.
  void choose(std::span<const std::uint32_t> slots, bool at_once = false);
  // Whether so many rows are cheaper than a pass over all bins; then all of fewer rows are.
  [[nodiscard]] bool suits(std::size_t rows) const { return rows <= most_rows_; }
  using Visit = std::function<void(const SlotSums&)>;
  using VisitCounted = std::function<void(const CountedSums&)>;
  // Calls visit(sums) for the chosen slots in which rows differ, in any order, but visit_counted(sums) for
  // those that are told together. `place` is below the number of threads. Only for rows that suit.
  void sum_up(const NodeRows& node, std::size_t place, const Visit& visit,
              const VisitCounted& visit_counted = {});

 private:
  struct Visits {
    const Visit& one;
    const VisitCounted& counted;
  };
  // A byte of the rows of a block that has a chosen slot.
  struct Column {
    std::vector<BinnedMatrix::Share> shares;  // the chosen ones, but those that are told together
    std::vector<std::array<std::uint8_t, 256>>
        decoder;                            // [shares] bins of a byte; empty: the byte is the bin
    std::vector<std::uint32_t> two_valued;  // [codes] slots that are told together; kNoSlot: none
    bool is_bundle = false;
    std::size_t codes = 0;  // of the byte, rounded up to kCandidateGroup
  };
  struct Block {
    const BinnedMatrix::Block* block = nullptr;
    std::vector<Column> columns;
    std::vector<std::uint8_t> list;  // [columns] their bytes
  };
  struct Place {
    SlotSums codes, found;
    CountedSums counted;
    std::array<std::uint64_t, SlotSums::kCapacity> words;  // sums of a column that are not 0
    Buffer word_sums;                                      // [kBlockSums] zero
    Buffer cell_sums;                                      // [256] zero
    Buffer sparse_sums;                                    // [cells of the matrix] zero
    std::vector<std::uint64_t> touched;                    // [cells / 64] zero
  };
  [[nodiscard]] Column column_of(const BinnedMatrix::ByteColumn& shares, bool at_once) const;
  void sum_words(const NodeRows& node, Place& place, const Visits& visits) const;
  void sum_cells(const NodeRows& node, Place& place, const Visits& visits) const;
  static void visit_column(const Column& column, const Cell& total, Place& place, const Visits& visits);
  static void visit_bundle(const Column& column, const Cell& total, Place& place, const Visits& visits);
  static void visit_with_zero(SlotSums& found, const Cell& rest, std::uint8_t zero_bin, const Visit& visit);
  template <class ValueOf>
  void sum_sparse(const NodeRows& node, ValueOf value_of, Place& place, const Visit& visit) const;

  const BinnedMatrix& matrix_;
  std::vector<Block> blocks_;
  std::vector<bool> is_chosen_;  // [slots of the matrix]
  bool has_chosen_sparse_ = false;
  std::size_t most_rows_ = 0;
  std::vector<Place> places_;
};

}  // namespace astrolabe::trees
