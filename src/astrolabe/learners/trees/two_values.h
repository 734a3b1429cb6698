// SPDX-License-Identifier: Apache-2.0
// Slots of two values, none of them missing, as one-hot columns and flags are. Each has one cut, told by one
// cell, so that a node is searched on all of them in one pass, without a call a slot (row_routines.h).
//
//   TwoValuedSlots two_valued(matrix);
//   two_valued.choose(slots_of_this_tree, true);
//   SlotSplit best = two_valued.find_best({0, two_valued.slots().size()}, histogram, judge, 0);
//   for (const std::uint32_t slot : two_valued.others()) search_one_by_one(slot);
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "astrolabe/learners/trees/binned_matrix.h"
#include "astrolabe/learners/trees/split.h"

namespace astrolabe::trees {

struct SlotSplit {
  Split split;
  std::uint32_t slot = 0;
};

// Of equal gains the one on the first slot is better, in whatever order they come.
[[nodiscard]] inline bool is_better(const Split& split, std::uint32_t slot, const Split& best,
                                    std::uint32_t best_slot) {
  return split.gain > best.gain || (split.gain > 0 && split.gain == best.gain && slot < best_slot);
}

// What a node is searched by.
struct NodeToSearch {
  const Cell& total;
  const FixedPoint& scale;
  const SplitRules& rules;
};

// Of slots that are two-valued in `matrix`, ascending, the sums of the rows in their counted bins
// (BinnedMatrix::counted_bin): the first best split that gains at least `least`. Up to kCandidateGroup - 1
// further cells may be read. Cost: O(slots), some nanoseconds for eight.
[[nodiscard]] SlotSplit find_best_two_valued(const BinnedMatrix& matrix, std::span<const std::uint32_t> slots,
                                             const Cell* cells, const NodeToSearch& node, double least);

// Thread-safe to read.
class TwoValuedSlots {
 public:
  explicit TwoValuedSlots(const BinnedMatrix& matrix) : matrix_(matrix) {}

  // Parts the slots of the next trees, ascending. Unless `at_once`, none is taken for two-valued.
  void choose(std::span<const std::uint32_t> slots, bool at_once);
  [[nodiscard]] std::span<const std::uint32_t> slots() const { return slots_; }
  [[nodiscard]] std::span<const std::uint32_t> others() const { return others_; }

  struct Part {
    std::size_t begin = 0, end = 0;  // of slots()
  };
  // Of a part of slots(), in a histogram of all cells: its counted cells less those of another one.
  void subtract(const Part& part, const Cell* less, Cell* histogram) const;
  [[nodiscard]] SlotSplit find_best(const Part& part, const Cell* histogram, const NodeToSearch& node,
                                    double least) const;

 private:
  const BinnedMatrix& matrix_;
  std::vector<std::uint32_t> slots_, others_;
  // [slots, and kCandidateGroup more] where the counted cell of each begins, in numbers of 8 bytes.
  std::vector<std::uint32_t> places_;
};

}  // namespace astrolabe::trees
