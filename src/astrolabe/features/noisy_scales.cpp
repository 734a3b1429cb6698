// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/features/noisy_scales.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

namespace astrolabe {
namespace {

constexpr int kLeastPower = -40, kMostPower = 100;  // of sqrt(2): a millionth to 10^15
constexpr int kPowers = kMostPower - kLeastPower + 1;
constexpr int kRoughBins = 2 * kPowers + 1;  // below 0, 0, above
constexpr int kFineBins = 64;
// A bin with less than so many standard deviations of noise is taken for empty: of 10,000 empty bins one
// would pass for full once in 350 runs.
constexpr double kSure = 5;

int rough_bin(double value) {
  if (value == 0) return kPowers;
  const int power =
      std::clamp(static_cast<int>(std::floor(2 * std::log2(std::abs(value)))), kLeastPower, kMostPower) -
      kLeastPower;
  return value > 0 ? kPowers + 1 + power : kPowers - 1 - power;
}

// Of bins above 0 the lower end, mirrored below it.
double rough_low(int bin) {
  if (bin == kPowers) return 0;
  if (bin < kPowers) return -std::exp2(0.5 * (kPowers - bin + kLeastPower));
  return std::exp2(0.5 * (bin - kPowers - 1 + kLeastPower));
}
double rough_high(int bin) {
  return -rough_low(2 * kPowers - bin);
}

// How many cells lie in each bin, with noise. bin(cell) may be none.
template <class Bin>
std::vector<double> noisy_counts(const Column& column, std::span<const RowIndex> rows, int bins,
                                 double deviation, Key key, const Bin& bin) {
  std::vector<double> counts(static_cast<std::size_t>(bins), 0.0);
  for (const RowIndex row : rows)
    if (const double cell = column.numbers[row]; std::isfinite(cell))
      ++counts[static_cast<std::size_t>(bin(cell))];
  RandomStream noise(key);
  for (double& count : counts) count += deviation * noise.normal();
  return counts;
}

struct Range {
  double low = 0, high = 0;
};

std::optional<Range> range_of(const std::vector<double>& counts, double deviation) {
  std::optional<Range> range;
  for (int bin = 0; bin < kRoughBins; ++bin) {
    if (counts[static_cast<std::size_t>(bin)] < kSure * deviation) continue;
    if (!range) range = {.low = rough_low(bin)};
    range->high = rough_high(bin);
  }
  return range;
}

// Where a share of the counts lies below, by straight lines within bins.
double quantile_of(const std::vector<double>& counts, const Range& range, double share) {
  double total = 0;
  for (const double count : counts) total += std::max(count, 0.0);
  const double width = (range.high - range.low) / kFineBins;
  double left = share * total;
  for (std::size_t bin = 0; bin < counts.size(); ++bin) {
    const double here = std::max(counts[bin], 0.0);
    if (left <= here && here > 0) return range.low + width * (static_cast<double>(bin) + left / here);
    left -= here;
  }
  return range.high;
}

NumberScale scale_of(const std::vector<double>& counts, const Range& range) {
  const double spread = quantile_of(counts, range, 0.75) - quantile_of(counts, range, 0.25);
  return {.low = range.low,
          .high = range.high,
          .centre = quantile_of(counts, range, 0.5),
          .scale = spread > 0 ? 1 / spread : 0,
          .bends = true};
}

}  // namespace

std::vector<NumberScale> noisy_scales(std::span<const Column* const> columns, std::span<const RowIndex> rows,
                                      double noise_multiplier, Key secret) {
  const double deviation = noise_multiplier * std::sqrt(static_cast<double>(columns.size()));
  std::vector<NumberScale> scales;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::vector<double> rough =
        noisy_counts(*columns[i], rows, kRoughBins, deviation, secret.split("rough").split(i), rough_bin);
    const std::optional<Range> range = range_of(rough, deviation);
    if (!range || range->low == range->high) {
      // All 0, or too few rows to see anything: no cell is trusted to be larger than the bend lets through.
      constexpr double kMost = 1e15;
      scales.push_back({.low = -kMost, .high = kMost, .bends = true});
      continue;
    }
    const auto fine_bin = [&](double cell) {
      const double place =
          (std::clamp(cell, range->low, range->high) - range->low) / (range->high - range->low);
      return std::min(static_cast<int>(place * kFineBins), kFineBins - 1);
    };
    const std::vector<double> fine =
        noisy_counts(*columns[i], rows, kFineBins, deviation, secret.split("fine").split(i), fine_bin);
    scales.push_back(scale_of(fine, *range));
  }
  return scales;
}

}  // namespace astrolabe
