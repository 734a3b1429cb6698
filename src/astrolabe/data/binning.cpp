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
  // All bits of a negative number change, of others the sign; without a branch.
  return bits ^ (static_cast<std::uint32_t>(static_cast<std::int32_t>(bits) >> 31) | 0x80000000U);
}

float from_ordered_bits(std::uint32_t bits) {
  return std::bit_cast<float>((bits & 0x80000000U) != 0 ? bits & 0x7fffffffU : ~bits);
}

// Items are keys, or keys with a payload above bit 32: only the low 32 bits are sorted by. Stable. `other` is
// room.
template <class Item>
void radix_sort(std::vector<Item>& items, std::vector<Item>& other) {
  if (items.size() < kRadixFrom) {
    std::stable_sort(items.begin(), items.end(), [](Item a, Item b) {
      return static_cast<std::uint32_t>(a) < static_cast<std::uint32_t>(b);
    });
    return;
  }
  constexpr unsigned kBits = 11;
  constexpr std::size_t kDigits = (32 + kBits - 1) / kBits;
  const auto digit = [](Item item, std::size_t which) {
    return (static_cast<std::uint32_t>(item) >> (which * kBits)) & ((1U << kBits) - 1);
  };
  // Of all digits in one pass.
  std::array<std::array<std::uint32_t, std::size_t{1} << kBits>, kDigits> starts{};
  for (const Item item : items)
    for (std::size_t which = 0; which < kDigits; ++which) ++starts[which][digit(item, which)];
  other.resize(items.size());
  for (std::size_t which = 0; which < kDigits; ++which) {
    auto& start_of = starts[which];
    if (start_of[digit(items[0], which)] == items.size()) continue;
    std::uint32_t total = 0;
    for (std::uint32_t& start : start_of) start = std::exchange(total, total + start);
    for (const Item item : items) other[start_of[digit(item, which)]++] = item;
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

// Sorts one list of values after another, in the same memory.
class KeySorter {
 public:
  // Of what is not missing; until the next call.
  std::span<const std::uint32_t> sort(std::span<const float> values) {
    keys_.resize(values.size());
    std::size_t missing = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      keys_[i] = ordered_bits(values[i]);
      missing += static_cast<std::size_t>(std::isnan(values[i]));
    }
    // Their bits are beyond those of all numbers, on one side or the other.
    if (missing > 0)
      std::erase_if(keys_, [low = ordered_bits(-kLargest), high = ordered_bits(kLargest)](std::uint32_t key) {
        return key < low || key > high;
      });
    radix_sort(keys_, room_);
    return keys_;
  }

 private:
  std::vector<std::uint32_t> keys_, room_;
};

QuantileSummary summarise_unweighted(std::span<const float> values) {
  KeySorter sorter;
  const std::span<const std::uint32_t> keys = sorter.sort(values);
  QuantileSummary summary;
  summary.reserve(keys.size());
  for (std::size_t i = 0, end = 0; i < keys.size(); i = end) {
    while (end < keys.size() && keys[end] == keys[i]) ++end;
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
  std::vector<std::uint64_t> room;
  radix_sort(items, room);
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

void sketch_values(std::span<const float> values, std::size_t block, QuantileSketch& sketch) {
  ASTROLABE_CHECK(block > 0 && block <= UINT32_MAX, "rows within the range of binning");
  KeySorter sorter;
  std::vector<float> ascending;
  for (std::size_t begin = 0; begin < values.size(); begin += block) {
    const std::span<const std::uint32_t> keys =
        sorter.sort(values.subspan(begin, std::min(block, values.size() - begin)));
    ascending.resize(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) ascending[i] = from_ordered_bits(keys[i]);
    sketch.merge_ascending(ascending);
  }
}

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
