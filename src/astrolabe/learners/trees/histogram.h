// SPDX-License-Identifier: Apache-2.0
// Histograms: for every bin of every slot, the sum of the cells of a node's rows. The hot loop of training.
//
//   HistogramBuilder builder(matrix, pool.size());
//   builder.choose(slots_of_this_tree);
//   builder.build(rows_of_a_node, gradients, histogram, pool);      // histogram: [matrix.cells()]
//   subtract(parent, child);                                        // parent becomes the other child
//
// Whole numbers make the result independent of how the work is divided among threads. The bin of zero of a
// sparse slot stays empty: it is the node's total less the slot's other cells. Cells of slots that were not
// chosen hold nothing meaningful.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "astrolabe/base/thread_pool.h"
#include "astrolabe/learners/trees/binned_matrix.h"
#include "astrolabe/learners/trees/fixed_point.h"

namespace astrolabe::trees {

// Not thread-safe: one builder for each tree that is grown at a time.
class HistogramBuilder {
 public:
  HistogramBuilder(const BinnedMatrix& matrix, std::size_t threads);

  // The slots of the next trees, ascending.
  void choose(std::span<const std::uint32_t> slots);
  // Overwrites histogram[matrix.cells()]. `gradients` is [rows of the matrix].
  void build(std::span<const std::uint32_t> rows, std::span<const Cell> gradients, std::span<Cell> histogram,
             ThreadPool& pool);

  struct Column {
    std::uint32_t column = 0;  // place in the block's row
    std::uint32_t first_cell = 0;
  };

 private:
  void build_part(std::span<const std::uint32_t> rows, std::span<const Cell> gradients,
                  Cell* histogram) const;

  const BinnedMatrix& matrix_;
  std::size_t threads_;
  std::vector<std::vector<Column>> chosen_;  // [blocks]
  std::size_t updates_per_row_ = 1;
  bool has_chosen_sparse_ = false;
  std::vector<std::vector<Cell>> parts_;  // histograms of the further threads
};

// histogram -= other, cell by cell.
void subtract(std::span<Cell> histogram, std::span<const Cell> other, ThreadPool& pool);

}  // namespace astrolabe::trees
