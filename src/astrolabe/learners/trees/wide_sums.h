// SPDX-License-Identifier: Apache-2.0
// The sums of a node's rows on a wide feature, one of more bins than a byte tells apart: only the bins that
// have rows.
//
//   WideSummer summer(matrix, pool.size());
//   summer.choose(slots_of_this_tree);
//   for (const std::uint32_t slot : summer.slots()) {
//     const WideSums& sums = summer.sum_up(slot, {.rows = rows, .packed = &packed, .total = total}, 0);
//     Split split = find_better_numeric_split(sums.cells, total, scale, rules, 0);
//   }
//
// There is no histogram, so nothing is subtracted: every node adds up its own rows, which costs a pass over
// them and over a bit for each bin. Thousands of cells a node would cost more to keep than rows to add.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "astrolabe/learners/trees/binned_matrix.h"
#include "astrolabe/learners/trees/slot_sums.h"
#include "astrolabe/tensor/buffer.h"

namespace astrolabe::trees {

struct WideSums {
  std::vector<std::uint16_t> bins;  // that have rows, ascending, the missing one left out
  std::vector<Cell> cells;          // [bins + 1] theirs, and then that of the missing rows
};

// Threads may sum up at the same time, each at its own place.
class WideSummer {
 public:
  WideSummer(const BinnedMatrix& matrix, std::size_t threads) : matrix_(matrix), places_(threads) {}

  // The wide ones of a tree's slots, ascending.
  void choose(std::span<const std::uint32_t> slots);
  [[nodiscard]] std::span<const std::uint32_t> slots() const { return slots_; }
  [[nodiscard]] std::size_t threads() const { return places_.size(); }
  // Valid until the next call at this place, which is below the number of threads.
  [[nodiscard]] const WideSums& sum_up(std::uint32_t slot, const NodeRows& node, std::size_t place);

 private:
  struct Place {
    Buffer sums;                         // [bins + 1] zero
    std::vector<std::uint64_t> touched;  // [bins / 64 + 1] zero
    WideSums found;
  };
  template <class ValueOf>
  void add(std::uint32_t slot, std::span<const std::uint32_t> rows, ValueOf value_of, Place& place) const;

  const BinnedMatrix& matrix_;
  std::vector<std::uint32_t> slots_;
  std::vector<Place> places_;
};

}  // namespace astrolabe::trees
