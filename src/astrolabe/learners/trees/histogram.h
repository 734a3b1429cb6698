// SPDX-License-Identifier: Apache-2.0
// Histograms: for every bin of every slot, the sum of the cells of a node's rows.
//
//   HistogramBuilder builder(matrix, pool.size());
//   builder.choose(slots_of_this_tree);
//   builder.build(rows_of_a_node, packed, histogram, pool);      // histogram: [matrix.cells()]
//
// Whole numbers make the result independent of how the work is divided among threads. The bin of zero of a
// sparse slot stays empty: it is the node's total less the slot's other cells. Cells of slots that were not
// chosen hold nothing meaningful.
//
// Packed rows are added up row by row (row_sums.h), blocks of rows at a time, and widened to cells; cells are
// added up column by column, which is the slow twin, and what few rows take.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "astrolabe/base/thread_pool.h"
#include "astrolabe/learners/trees/binned_matrix.h"
#include "astrolabe/learners/trees/fixed_point.h"
#include "astrolabe/learners/trees/packed_rows.h"
#include "astrolabe/learners/trees/row_routines.h"
#include "astrolabe/tensor/buffer.h"

namespace astrolabe::trees {

// One builder for each tree that is grown at a time.
class HistogramBuilder {
 public:
  HistogramBuilder(const BinnedMatrix& matrix, std::size_t threads);

  // The slots of the next trees, ascending.
  void choose(std::span<const std::uint32_t> slots);
  // Overwrites histogram[matrix.cells()]. `gradients` is [rows of the matrix]. With a pool of one thread,
  // calls at different places, below the number of threads, may run at the same time.
  void build(std::span<const std::uint32_t> rows, std::span<const Cell> gradients, std::span<Cell> histogram,
             ThreadPool& pool, std::size_t place = 0);
  void build(std::span<const std::uint32_t> rows, const PackedRows& packed, std::span<Cell> histogram,
             ThreadPool& pool, std::size_t place = 0);

 private:
  // Where the bytes of a bundle are counted, those of its chosen slots.
  struct Bundle {
    struct Code {
      std::uint32_t byte, cell;
    };
    std::vector<Code> codes;
    std::vector<std::uint32_t>
        others;  // cells of no byte: of zero, and of missing values where there are none
  };
  // The columns of a block that hold a chosen slot.
  struct Chosen {
    std::vector<std::uint8_t> columns;
    std::vector<Bundle> bundles;  // [columns] empty where a column is none
    bool is_whole = false;        // all of them
  };
  // Of one thread.
  struct Place {
    Buffer sums;
    Buffer histogram;  // of further threads
  };
  template <class BuildPart>
  void build_in_parts(std::size_t rows, std::span<Cell> histogram, ThreadPool& pool, std::size_t place,
                      BuildPart build_part);
  void add_cells(std::span<const std::uint32_t> rows, std::span<const Cell> gradients, Cell* histogram) const;
  void add_packed(std::span<const std::uint32_t> rows, const PackedRows& packed, std::uint64_t* sums,
                  Cell* histogram) const;
  void widen_block(const BinnedMatrix::Block& block, const Chosen& chosen, const PackedLayout& layout,
                   bool adds, std::uint64_t* sums, Cell* histogram) const;
  [[nodiscard]] Bundle bundle_of(const BinnedMatrix::ByteColumn& shares) const;
  void clear_sparse(Cell* histogram) const;

  const BinnedMatrix& matrix_;
  std::vector<std::uint32_t> slots_;
  std::vector<bool> is_chosen_;  // [slots of the matrix]
  std::vector<Chosen> chosen_;   // [blocks]
  std::size_t updates_per_row_ = 1;
  bool has_chosen_sparse_ = false;
  std::vector<Place> places_;  // [threads]
};

}  // namespace astrolabe::trees
