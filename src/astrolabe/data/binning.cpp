// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/binning.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

constexpr float kLargest = std::numeric_limits<float>::max();
constexpr std::size_t kRadixFrom = 2048;  // below this a comparison sort is quicker

// Unsigned order of the result is the order of the floats; -0 and 0 become one.
std::uint32_t ordered_bits(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(std::clamp(value, -kLargest, kLargest) + 0.0F);
  return (bits & 0x80000000U) != 0 ? ~bits : bits | 0x80000000U;
}

float from_ordered_bits(std::uint32_t bits) {
  return std::bit_cast<float>((bits & 0x80000000U) != 0 ? bits & 0x7fffffffU : ~bits);
}

// Items are keys, or keys with a payload above bit 32: only the low 32 bits are sorted by. Stable.
template <class Item>
void radix_sort(std::vector<Item>& items) {
  if (items.size() < kRadixFrom) {
    std::stable_sort(items.begin(), items.end(), [](Item a, Item b) {
      return static_cast<std::uint32_t>(a) < static_cast<std::uint32_t>(b);
    });
    return;
  }
  constexpr unsigned kBits = 11;
  std::vector<Item> other(items.size());
  for (unsigned shift = 0; shift < 32; shift += kBits) {
    std::array<std::size_t, std::size_t{1} << kBits> starts{};
    const auto digit = [shift](Item item) {
      return (static_cast<std::uint32_t>(item) >> shift) & ((1U << kBits) - 1);
    };
    for (const Item item : items) ++starts[digit(item)];
    if (std::ranges::find(starts, items.size()) != starts.end()) continue;
    std::size_t total = 0;
    for (std::size_t& start : starts) start = std::exchange(total, total + start);
    for (const Item item : items) other[starts[digit(item)]++] = item;
    items.swap(other);
  }
}

// Distinct values, ascending, with the weight before each as nearly as a summary knows it.
struct Distribution {
  std::vector<float> values;
  std::vector<double> before;  // [values + 1]; the last is the total
};

Distribution distribution_of(const QuantileSummary& summary) {
  Distribution all;
  all.values.reserve(summary.entries().size());
  all.before.reserve(summary.entries().size() + 1);
  all.before.push_back(0);
  for (const QuantileSummary::Entry& entry : summary.entries()) {
    all.values.push_back(static_cast<float>(entry.value));
    all.before.push_back((entry.rmin_next() + entry.rmax) / 2);
  }
  return all;
}

QuantileSummary summarise_unweighted(std::span<const float> values) {
  std::vector<std::uint32_t> keys(values.size());
  std::size_t count = 0;
  for (const float value : values) {  // without a branch: missing values come as they like
    keys[count] = ordered_bits(value);
    count += static_cast<std::size_t>(!std::isnan(value));
  }
  keys.resize(count);
  radix_sort(keys);
  QuantileSummary summary;
  summary.reserve(count);
  for (std::size_t i = 0, end = 0; i < count; i = end) {
    while (end < count && keys[end] == keys[i]) ++end;
    summary.append(from_ordered_bits(keys[i]), static_cast<double>(end - i));
  }
  return summary;
}

QuantileSummary summarise_weighted(std::span<const float> values, std::span<const double> weights) {
  std::vector<std::uint64_t> items(values.size());  // row above, key below
  std::size_t count = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    items[count] = std::uint64_t{i} << 32 | ordered_bits(values[i]);
    count += static_cast<std::size_t>(!std::isnan(values[i]) && weights[i] > 0);
  }
  items.resize(count);
  radix_sort(items);
  QuantileSummary summary;
  summary.reserve(count);
  for (const std::uint64_t item : items)
    summary.append(from_ordered_bits(static_cast<std::uint32_t>(item)), weights[item >> 32]);
  return summary;
}

// Fills bins from the left, each as full as `capacity` allows, one distinct value at least. Returns the index
// of the first value of every bin but the first; gives up (false) when there are more than max_bins bins.
bool pack(const Distribution& all, double capacity, std::size_t max_bins, std::vector<std::size_t>& firsts) {
  firsts.clear();
  std::size_t first = 0;
  while (true) {
    const auto from = all.before.begin() + static_cast<std::ptrdiff_t>(first);
    const auto over = std::upper_bound(from + 1, all.before.end(), *from + capacity);
    const auto fits = static_cast<std::size_t>(over - all.before.begin()) - 1;
    first = std::max(first + 1, fits);
    if (first >= all.values.size()) return true;
    if (firsts.size() + 1 == max_bins) return false;
    firsts.push_back(first);
  }
}

float halfway(float low, float high) {
  const auto middle = static_cast<float>((static_cast<double>(low) + static_cast<double>(high)) / 2);
  return middle < high ? middle : low;
}

}  // namespace

QuantileSummary summarise(std::span<const float> values, std::span<const double> weights) {
  ASTROLABE_CHECK(weights.empty() || weights.size() == values.size(), "one weight per value");
  ASTROLABE_CHECK(values.size() <= UINT32_MAX, "rows within the range of binning");
  return weights.empty() ? summarise_unweighted(values) : summarise_weighted(values, weights);
}

std::vector<float> quantile_cuts(std::span<const float> values, std::span<const double> weights,
                                 std::size_t max_bins, double implicit_zeros) {
  QuantileSummary zeros;
  if (implicit_zeros > 0) zeros.append(0, implicit_zeros);
  return quantile_cuts(merge(summarise(values, weights), std::move(zeros)), max_bins);
}

std::vector<float> quantile_cuts(const QuantileSummary& summary, std::size_t max_bins) {
  ASTROLABE_CHECK(max_bins >= 1, "one bin at least");
  const Distribution all = distribution_of(summary);
  std::vector<std::size_t> firsts;
  if (all.values.size() <= max_bins) {
    for (std::size_t i = 1; i < all.values.size(); ++i) firsts.push_back(i);
  } else {
    // Two neighbouring bins outweigh the capacity together, so twice the mean always packs.
    double low = all.before.back() / static_cast<double>(max_bins);
    double high = 2.001 * low;
    for (int step = 0; step < 40; ++step) {
      const double middle = (low + high) / 2;
      (pack(all, middle, max_bins, firsts) ? high : low) = middle;
    }
    ASTROLABE_CHECK(pack(all, high, max_bins, firsts), "a capacity of twice the mean packs");
  }
  std::vector<float> cuts;
  cuts.reserve(firsts.size());
  for (const std::size_t first : firsts) cuts.push_back(halfway(all.values[first - 1], all.values[first]));
  return cuts;
}

std::size_t bin_of(std::span<const float> cuts, float value) {
  return static_cast<std::size_t>(std::ranges::lower_bound(cuts, value) - cuts.begin());
}

void assign_bins(std::span<const float> cuts, std::span<const float> values, std::uint8_t missing_bin,
                 std::span<std::uint8_t> bins) {
  ASTROLABE_CHECK(cuts.size() < kMaxBins && bins.size() == values.size(), "bins fit a byte");
  // A branch-free binary search over a table whose size is a power of two.
  std::array<float, 256> table;
  table.fill(std::numeric_limits<float>::infinity());
  std::ranges::copy(cuts, table.begin());
  const auto first_step = static_cast<unsigned>(std::bit_ceil(cuts.size() + 1) / 2);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float value = values[i];
    unsigned bin = 0;
    for (unsigned step = first_step; step > 0; step /= 2)
      bin += static_cast<unsigned>(table[bin + step - 1] < value) * step;
    bins[i] = std::isnan(value) ? missing_bin : static_cast<std::uint8_t>(bin);
  }
}

}  // namespace astrolabe
