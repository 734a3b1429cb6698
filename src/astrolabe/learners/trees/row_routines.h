// SPDX-License-Identifier: Apache-2.0
// The loops over rows and cells that gain from vector instructions, one set for each instruction set. All
// sets give the same bytes. Only plain data and function names live here: an inline function seen by sources
// with different instruction sets would be merged by the linker, and the plain path could then run AVX-512.
//
//   const RowRoutines& routines = best_row_routines();
//   std::size_t lefts = routines.count_left(column, rows, 5000);
//   routines.split(column, rows, 5000, to, to + lefts);
#pragma once

#include <cstddef>
#include <cstdint>

#include "astrolabe/base/instruction_set.h"

namespace astrolabe::trees {

// What makes words of pairs and cells of words (packed_rows.h has the layout).
struct PackPlan {
  double per_gradient = 1;  // 1 / unit
  double per_hessian = 1;
  std::uint64_t key = 0;
  unsigned count_bits = 0;
  unsigned gradient_shift = 0;  // hessian bits + count bits
  unsigned row_bits = 0;        // of a cell
};

// A byte of each row, bytes[row << shift], and which of them go left.
struct SideColumn {
  const std::uint8_t* bytes = nullptr;
  unsigned shift = 0;
  std::uint32_t set[8] = {};
};

// What candidates for a split of a node are weighed by.
struct SplitScale {
  std::int64_t total_gradient = 0;
  std::int64_t total_rest = 0;
  std::uint64_t min_rows = 0;
  unsigned row_bits = 0;
  double gradient_unit = 1;
  double hessian_unit = 1;
  double l1 = 0;
  double l2 = 0;
  double least_hessian = 0;
};

// Candidates for a split: the sums of all bins up to one, of the bins that have rows, in order.
struct SplitCandidates {
  SplitScale node;
  const std::int64_t* gradients = nullptr;
  const std::int64_t* rests = nullptr;  // hessian << row_bits | rows, as in a cell
  std::size_t count = 0;                // a multiple of kCandidateGroup may be read
  std::int64_t more_gradient = 0;       // joins the left side of all of them: that of the missing values
  std::int64_t more_rest = 0;
};

// Candidates of one cut each: one side of it is a cell, its gradient and, behind that, its rest.
struct CellCandidates {
  SplitScale node;
  const std::int64_t* cells = nullptr;
  const std::uint32_t* places = nullptr;  // [count] cells[places[i]] is the gradient of one; null: one by one
  std::size_t count = 0;                  // a multiple of kCandidateGroup may be read, of places as of cells
  double parent = 0;                      // the node's own score
  double least_score = 0;                 // which both sides together exceed
};
inline constexpr std::size_t kCandidateGroup = 8;

struct RowRoutines {
  // The first candidate with the best score (split.h: leaf_score of both sides) above `best`, which becomes
  // that score; `count` if there is none. Both sides have at least min_rows and least_hessian.
  std::size_t (*find_best)(const SplitCandidates& candidates, double* best);
  // The first candidate with the best gain, half of what the score of both sides is above the node's own,
  // that is above `best`, which becomes that gain; `count` if there is none. Conditions as in find_best.
  std::size_t (*find_best_cell)(const CellCandidates& candidates, double* best);
  // bins[i]: how many of the 256 ascending numbers of the table (infinity beyond the cuts) are below
  // values[i]; `missing` where that is NaN. first_step is that of a binary search: half a power of two that
  // exceeds the number of cuts.
  void (*assign)(const float* table, unsigned first_step, const float* values, std::size_t count,
                 std::uint8_t missing, std::uint8_t* bins);
  // Gradient and hessian of the logistic loss (loss.h) to pairs[2 i] and pairs[2 i + 1].
  void (*find_logistic)(const double* scores, const double* targets, std::size_t count, double* pairs);
  // words[i] of pairs[2 i], pairs[2 i + 1], rounded by (key, place + i); adds the rounded numbers to sums[0]
  // and sums[1], and their sizes to sums[2] (hessians are not negative).
  void (*pack)(const PackPlan& plan, const double* pairs, std::size_t count, std::size_t place,
               std::uint64_t* words, std::int64_t* sums);
  // The largest |pairs[2 i]| to largest[0] and pairs[2 i + 1] to largest[1], where they exceed it.
  void (*find_largest)(const double* pairs, std::size_t count, double* largest);
  // cells[2 i], cells[2 i + 1] of sums[i]; added to what is there if `adds`. Leaves the sums 0.
  void (*widen)(const PackPlan& plan, std::uint64_t* sums, std::size_t count, bool adds, std::int64_t* cells);
  // Takes the sums that are not 0 out, in order: to found[i], their numbers to numbers[i]. `count` is a
  // multiple of kCandidateGroup and at most 256; as many elements more may be written behind the last. Leaves
  // the sums 0.
  std::size_t (*collect)(std::uint64_t* sums, std::size_t count, std::uint64_t* found, std::uint8_t* numbers);
  // How many rows have a byte of the column's set. Reads up to three bytes beyond the last row's.
  std::size_t (*count_left)(const SideColumn& column, const std::uint32_t* rows, std::size_t count);
  // Those rows to `left`, the others to `right`, both in order; nothing is written beyond them. Returns how
  // many are left.
  std::size_t (*split)(const SideColumn& column, const std::uint32_t* rows, std::size_t count,
                       std::uint32_t* left, std::uint32_t* right);
};

// Of a SideColumn: beyond, the plain routines are needed, for gathers have signed 32-bit offsets.
inline constexpr std::size_t kMostVectorBytes = (std::size_t{1} << 31) - 8;

const RowRoutines& plain_row_routines();
const RowRoutines& avx2_row_routines();
const RowRoutines& avx512_row_routines();

[[nodiscard]] const RowRoutines& row_routines(InstructionSet set);
[[nodiscard]] const RowRoutines& best_row_routines();  // of this processor

}  // namespace astrolabe::trees
