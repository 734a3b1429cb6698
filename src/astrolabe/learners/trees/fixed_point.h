// SPDX-License-Identifier: Apache-2.0
// Gradients as whole numbers, so that their sums do not depend on the order of adding, hence not on the
// number of threads.
//
// A tree on n < 2^c rows (c <= 27) rounds each gradient to a multiple of 2^-30 of the power of two above the
// largest, and each hessian to one of 2^-b of its own, b = min(24, 62 - 2c), at least one such unit where it
// is positive (b is 22 at a million rows, 8 at the cap). A cell holds
//   gradient          sum of n values of at most 2^30:                       |sum| < 2^57
//   hessian_and_rows  sum of n values of (hessian << c) + 1, hessian <= 2^b: sum < 2^c * 2^b * 2^c <= 2^62,
//                     with the row count in the low c bits, which n rows cannot fill
// so no sum can overflow. A tree never sees more than kMaxTreeRows rows: a larger table is sampled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "astrolabe/base/thread_pool.h"

namespace astrolabe::trees {

inline constexpr std::size_t kMaxTreeRows = (std::size_t{1} << 27) - 1;

struct GradientPair {
  double gradient = 0;
  double hessian = 0;
};

// The rounded pair of one row, or a sum of many.
struct alignas(16) Cell {
  std::int64_t gradient = 0;
  std::int64_t hessian_and_rows = 0;

  Cell& operator+=(const Cell& other) {
    gradient += other.gradient;
    hessian_and_rows += other.hessian_and_rows;
    return *this;
  }
  Cell& operator-=(const Cell& other) {
    gradient -= other.gradient;
    hessian_and_rows -= other.hessian_and_rows;
    return *this;
  }
  friend Cell operator+(Cell a, const Cell& b) { return a += b; }
  friend Cell operator-(Cell a, const Cell& b) { return a -= b; }
  friend bool operator==(const Cell&, const Cell&) = default;
};

// The units of a tree's cells.
struct FixedPoint {
  double gradient_unit = 1;
  double hessian_unit = 1;
  unsigned row_bits = 1;

  [[nodiscard]] double gradient(const Cell& cell) const {
    return static_cast<double>(cell.gradient) * gradient_unit;
  }
  [[nodiscard]] double hessian(const Cell& cell) const {
    return static_cast<double>(cell.hessian_and_rows >> row_bits) * hessian_unit;
  }
  [[nodiscard]] std::uint64_t rows(const Cell& cell) const {
    return static_cast<std::uint64_t>(cell.hessian_and_rows) & ((std::uint64_t{1} << row_bits) - 1);
  }
};

// The unit that makes `bits` bits of the largest value; a power of two, so that scaling is exact.
[[nodiscard]] double unit_of(double largest, int bits);

// The units of a tree on `rows` rows, none of whose pairs is larger than `largest`.
[[nodiscard]] FixedPoint fixed_point_of(const GradientPair& largest, std::size_t rows);
// What makes the cell of one row.
class PairRounding {
 public:
  explicit PairRounding(const FixedPoint& scale);
  [[nodiscard]] Cell operator()(const GradientPair& pair) const;

 private:
  double per_gradient_;
  double per_hessian_;
  unsigned row_bits_;
};

// Rounds the pairs of the tree's rows into cells[row]; other cells are left as they are.
[[nodiscard]] FixedPoint to_fixed_point(std::span<const GradientPair> pairs,
                                        std::span<const std::uint32_t> rows, std::span<Cell> cells,
                                        ThreadPool& pool);

// Sum of the cells of some rows.
[[nodiscard]] Cell sum_cells(std::span<const Cell> cells, std::span<const std::uint32_t> rows,
                             ThreadPool& pool);

}  // namespace astrolabe::trees
