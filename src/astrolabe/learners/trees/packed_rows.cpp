// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/packed_rows.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <vector>

#include "astrolabe/base/error.h"
#include "astrolabe/learners/trees/row_routines.h"

namespace astrolabe::trees {
namespace {

constexpr std::size_t kChunkRows = 16'384;
constexpr std::size_t kTileRows = 256;
constexpr unsigned kMostCountBits = 13;
constexpr double kLeastUnits = 8;  // of the mean gradient and the mean hessian

const double* as_doubles(const GradientPair* pairs) {
  static_assert(sizeof(GradientPair) == 2 * sizeof(double));
  return &pairs->gradient;
}

GradientPair largest_pair(const PairSource& source, std::span<const std::uint32_t> rows, ThreadPool& pool) {
  std::vector<std::array<double, 2>> largest((rows.size() + kChunkRows - 1) / kChunkRows);
  pool.for_ranges(rows.size(), kChunkRows, [&](std::size_t begin, std::size_t end, std::size_t chunk) {
    std::array<GradientPair, kTileRows> pairs;
    for (std::size_t first = begin; first < end; first += kTileRows) {
      const std::size_t count = std::min(kTileRows, end - first);
      source(rows.subspan(first, count), pairs.data());
      best_row_routines().find_largest(as_doubles(pairs.data()), count, largest[chunk].data());
    }
  });
  GradientPair most;
  for (const auto& [gradient, hessian] : largest) {
    most.gradient = std::max(most.gradient, gradient);
    most.hessian = std::max(most.hessian, hessian);
  }
  return most;
}

}  // namespace

Packing::Packing(const GradientPair& largest, std::size_t rows, Key key) : rows_(rows) {
  const auto row_bits = static_cast<unsigned>(std::bit_width(rows));
  const unsigned count_bits = std::min(kMostCountBits, row_bits);
  const unsigned value_bits = 63 - 3 * count_bits;
  const unsigned hessian_bits = std::min(value_bits / 2, 62 - 2 * row_bits);
  const unsigned gradient_bits = value_bits - value_bits / 2;
  layout = {.count_bits = count_bits, .hessian_bits = value_bits / 2 + count_bits, .row_bits = row_bits};
  scale = {.gradient_unit = unit_of(largest.gradient, static_cast<int>(gradient_bits)),
           .hessian_unit = unit_of(largest.hessian, static_cast<int>(hessian_bits)),
           .row_bits = row_bits};
  plan = {.per_gradient = 1 / scale.gradient_unit,
          .per_hessian = 1 / scale.hessian_unit,
          .key = key.bits,
          .count_bits = count_bits,
          .gradient_shift = layout.count_bits + layout.hessian_bits,
          .row_bits = row_bits};
}

Cell Packing::total(const Sums& sums) const {
  return {sums[0], (sums[1] << layout.row_bits) + static_cast<std::int64_t>(rows_)};
}

bool Packing::is_fine(const Sums& sums) const {
  const double least = kLeastUnits * static_cast<double>(rows_);
  return static_cast<double>(sums[2]) >= least && static_cast<double>(sums[1]) >= least;
}

bool PackedRows::pack(std::size_t matrix_rows, const PairSource& source,
                      const std::optional<GradientPair>& bound, std::span<const std::uint32_t> rows, Key key,
                      ThreadPool& pool) {
  ASTROLABE_CHECK(rows.size() <= kMaxTreeRows, "more rows would overflow the sums");
  if (rows.size() < kPackedFromRows) return false;
  if (words_.bytes() != matrix_rows * sizeof(std::uint64_t))
    words_ = Buffer(matrix_rows * sizeof(std::uint64_t));
  if (bound && pack_up_to(*bound, source, rows, key, pool)) return true;
  return pack_up_to(largest_pair(source, rows, pool), source, rows, key, pool);
}

bool PackedRows::pack_up_to(const GradientPair& largest, const PairSource& source,
                            std::span<const std::uint32_t> rows, Key key, ThreadPool& pool) {
  if (!std::isfinite(largest.gradient) || !std::isfinite(largest.hessian)) return false;
  const Packing packing(largest, rows.size(), key);
  layout_ = packing.layout;
  scale_ = packing.scale;
  const std::span<std::uint64_t> words = words_.as<std::uint64_t>();
  std::vector<Packing::Sums> sums((rows.size() + kChunkRows - 1) / kChunkRows);
  pool.for_ranges(rows.size(), kChunkRows, [&](std::size_t begin, std::size_t end, std::size_t chunk) {
    std::array<GradientPair, kTileRows> pairs;
    std::array<std::uint64_t, kTileRows> apart;
    for (std::size_t first = begin; first < end; first += kTileRows) {
      const auto tile = rows.subspan(first, std::min(kTileRows, end - first));
      source(tile, pairs.data());
      const bool is_together = tile.back() - tile.front() == tile.size() - 1;
      std::uint64_t* const to = is_together ? &words[tile.front()] : apart.data();
      best_row_routines().pack(packing.plan, as_doubles(pairs.data()), tile.size(), first, to,
                               sums[chunk].data());
      if (is_together) continue;
      for (std::size_t i = 0; i < tile.size(); ++i) words[tile[i]] = apart[i];
    }
  });
  Packing::Sums total{};
  for (const auto& sum : sums)
    for (std::size_t i = 0; i < total.size(); ++i) total[i] += sum[i];
  total_ = packing.total(total);
  return packing.is_fine(total);
}

}  // namespace astrolabe::trees
