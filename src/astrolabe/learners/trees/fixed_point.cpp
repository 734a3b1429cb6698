// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/fixed_point.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "astrolabe/base/error.h"

namespace astrolabe::trees {
namespace {

constexpr std::size_t kChunkRows = 16384;
constexpr int kGradientBits = 30;

// Nearest whole number, halves to even, for |x| < 2^51; unlike the C library's, it becomes vector code.
std::int64_t round_to_whole(double x) {
  constexpr double kRound = 0x1.8p52;
  return static_cast<std::int64_t>(std::bit_cast<std::uint64_t>(x + kRound) -
                                   std::bit_cast<std::uint64_t>(kRound));
}

GradientPair largest_pair(std::span<const GradientPair> pairs, std::span<const std::uint32_t> rows,
                          ThreadPool& pool) {
  std::vector<GradientPair> largest((rows.size() + kChunkRows - 1) / kChunkRows);
  pool.for_ranges(rows.size(), kChunkRows, [&](std::size_t begin, std::size_t end, std::size_t chunk) {
    GradientPair most;
    for (std::size_t i = begin; i < end; ++i) {
      const GradientPair& pair = pairs[rows[i]];
      most.gradient = std::max(most.gradient, std::abs(pair.gradient));
      most.hessian = std::max(most.hessian, pair.hessian);
    }
    largest[chunk] = most;
  });
  GradientPair most;
  for (const GradientPair& pair : largest) {
    most.gradient = std::max(most.gradient, pair.gradient);
    most.hessian = std::max(most.hessian, pair.hessian);
  }
  return most;
}

}  // namespace

double unit_of(double largest, int bits) {
  if (largest <= 0 || !std::isfinite(largest)) return 1;
  int exponent = 0;
  std::frexp(largest, &exponent);
  return std::ldexp(1.0, std::max(exponent - bits, -1000));
}

FixedPoint fixed_point_of(const GradientPair& largest, std::size_t rows) {
  FixedPoint scale;
  scale.row_bits = static_cast<unsigned>(std::bit_width(rows));
  scale.gradient_unit = unit_of(largest.gradient, kGradientBits);
  scale.hessian_unit = unit_of(largest.hessian, std::min(24, 62 - 2 * static_cast<int>(scale.row_bits)));
  return scale;
}

PairRounding::PairRounding(const FixedPoint& scale)
    : per_gradient_(1 / scale.gradient_unit),
      per_hessian_(1 / scale.hessian_unit),
      row_bits_(scale.row_bits) {}

Cell PairRounding::operator()(const GradientPair& pair) const {
  const std::int64_t rounded = round_to_whole(pair.hessian * per_hessian_);
  const std::int64_t hessian = rounded == 0 && pair.hessian > 0 ? 1 : rounded;
  return {round_to_whole(pair.gradient * per_gradient_), (hessian << row_bits_) + 1};
}

FixedPoint to_fixed_point(std::span<const GradientPair> pairs, std::span<const std::uint32_t> rows,
                          std::span<Cell> cells, ThreadPool& pool) {
  ASTROLABE_CHECK(rows.size() <= kMaxTreeRows, "more rows would overflow the sums");
  const FixedPoint scale = fixed_point_of(largest_pair(pairs, rows, pool), rows.size());
  const PairRounding round(scale);
  pool.for_ranges(rows.size(), kChunkRows, [&](std::size_t begin, std::size_t end, std::size_t) {
    for (std::size_t i = begin; i < end; ++i) cells[rows[i]] = round(pairs[rows[i]]);
  });
  return scale;
}

Cell sum_cells(std::span<const Cell> cells, std::span<const std::uint32_t> rows, ThreadPool& pool) {
  std::vector<Cell> sums((rows.size() + kChunkRows - 1) / kChunkRows);
  pool.for_ranges(rows.size(), kChunkRows, [&](std::size_t begin, std::size_t end, std::size_t chunk) {
    Cell sum;
    for (std::size_t i = begin; i < end; ++i) sum += cells[rows[i]];
    sums[chunk] = sum;
  });
  Cell total;
  for (const Cell& sum : sums) total += sum;
  return total;
}

}  // namespace astrolabe::trees
