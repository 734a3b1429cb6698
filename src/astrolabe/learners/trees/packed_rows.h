// SPDX-License-Identifier: Apache-2.0
// The pair of a row and a count of 1 in one 64-bit word, so that one addition adds all three: what the fast
// path of the histograms adds up.
//
//   word = gradient << (hessian_bits + count_bits)  |  hessian << count_bits  |  1
//
//   PackedRows packed;                                           // keeps its memory from tree to tree
//   if (packed.pack(n, PairsOf(pairs), {}, rows, key, pool))     // else: to_fixed_point
//     builder.build(rows_of_a_node, packed, histogram, pool);
//
// At most block_rows = 2^count_bits - 1 words may be added before a field overflows; histograms add up blocks
// of so many, then widen. A gradient has g bits and a sign, a hessian h bits: with c count bits, a block's
// sums need (g + c + 1) + (h + c) + c = 64 bits. c is 13 at most, for which g = h = 12; fewer rows have more.
// Values are rounded to one of their two neighbours at random (keyed by the row's place), so that sums are
// right on average: with at least 8 units in the mean value, rounding is small beside the spread of the rows
// (Shi et al., "Quantized training of GBDT", NeurIPS 2022, find 2 to 3 bits enough).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "astrolabe/base/random.h"
#include "astrolabe/base/thread_pool.h"
#include "astrolabe/learners/trees/fixed_point.h"
#include "astrolabe/learners/trees/row_routines.h"
#include "astrolabe/tensor/buffer.h"

namespace astrolabe::trees {

// Fewer rows than this are added up as cells: the precision costs next to nothing there.
inline constexpr std::size_t kPackedFromRows = 768;

struct PackedLayout {
  unsigned count_bits = 13;
  unsigned hessian_bits = 25;  // of a block's sum
  unsigned row_bits = 13;      // of the scale: where a cell's hessian begins

  [[nodiscard]] std::size_t block_rows() const { return (std::size_t{1} << count_bits) - 1; }
  // The cell of a sum of at most block_rows() words.
  [[nodiscard]] Cell widen(std::uint64_t sum) const {
    const unsigned shift = count_bits + hessian_bits;
    const std::uint64_t low = sum & ((std::uint64_t{1} << shift) - 1);
    return {static_cast<std::int64_t>(sum) >> shift,
            static_cast<std::int64_t>(((low >> count_bits) << row_bits) +
                                      (low & ((std::uint64_t{1} << count_bits) - 1)))};
  }
};

// How a tree's words are made: what is chosen once for all of its rows.
class Packing {
 public:
  // Of `rows` pairs, none of them larger than `largest`, whose numbers are finite.
  Packing(const GradientPair& largest, std::size_t rows, Key key);

  // What RowRoutines::pack adds up.
  using Sums = std::array<std::int64_t, 3>;
  [[nodiscard]] Cell total(const Sums& sums) const;
  // Whether the mean pair of all rows has enough units.
  [[nodiscard]] bool is_fine(const Sums& sums) const;

  PackedLayout layout;
  FixedPoint scale;
  PackPlan plan;

 private:
  std::size_t rows_;
};

// Writes pairs[i] of rows[i]; asked from several threads, up to twice for each row.
using PairSource = std::function<void(std::span<const std::uint32_t> rows, GradientPair* pairs)>;

// A source that reads a list of pairs, [rows of the matrix].
class PairsOf {
 public:
  explicit PairsOf(std::span<const GradientPair> pairs) : pairs_(pairs) {}
  void operator()(std::span<const std::uint32_t> rows, GradientPair* pairs) const {
    for (std::size_t i = 0; i < rows.size(); ++i) pairs[i] = pairs_[rows[i]];
  }

 private:
  std::span<const GradientPair> pairs_;
};

// Thread-safe to read.
class PackedRows {
 public:
  // Packs the pairs of the tree's rows (ascending) into words()[row]; other words are left as they are.
  // False, and nothing packed, where cells suit better: few rows, or values so unequal that their mean is
  // below 8 units. `matrix_rows` is how many words there are. No pair exceeds `bound`, if it is known; else
  // the largest is found first. `key` decides the rounding.
  [[nodiscard]] bool pack(std::size_t matrix_rows, const PairSource& source,
                          const std::optional<GradientPair>& bound, std::span<const std::uint32_t> rows,
                          Key key, ThreadPool& pool);

  [[nodiscard]] std::span<const std::uint64_t> words() const { return words_.as<std::uint64_t>(); }
  [[nodiscard]] const PackedLayout& layout() const { return layout_; }
  [[nodiscard]] const FixedPoint& scale() const { return scale_; }
  [[nodiscard]] const Cell& total() const { return total_; }

 private:
  [[nodiscard]] bool pack_up_to(const GradientPair& largest, const PairSource& source,
                                std::span<const std::uint32_t> rows, Key key, ThreadPool& pool);

  Buffer words_;
  PackedLayout layout_;
  FixedPoint scale_;
  Cell total_;
};

}  // namespace astrolabe::trees
