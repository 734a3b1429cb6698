// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/stats/quantile_sketch.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

constexpr std::size_t kBuffer = 2048;  // values that are sorted at a time: they stay in the first cache

using Entry = QuantileSummary::Entry;

// Twice the rank at which a query turns from `left` to `right`.
double turning_point(const RankBounds& left, const RankBounds& right) {
  return left.rmin_next() + right.rmax_prev();
}

double twice_middle(const RankBounds& entry) {
  return entry.rmin + entry.rmax;
}

// Bounds are monotone in the value. Sums of weights that are not whole break that by their rounding, which
// must not grow into a bin of negative weight.
void push_monotone(std::vector<Entry>& entries, Entry entry) {
  if (!entries.empty()) {
    entry.rmin = std::max(entry.rmin, entries.back().rmin_next());
    entry.rmax = std::max(entry.rmax, entries.back().rmax + entry.w);
  }
  entry.rmax = std::max(entry.rmax, entry.rmin_next());
  entries.push_back(entry);
}

}  // namespace

QuantileSummary::QuantileSummary(std::vector<Entry> entries, bool exact)
    : entries_(std::move(entries)), exact_(exact) {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    ASTROLABE_CHECK(entry.rmin >= 0 && entry.w >= 0 && entry.rmax >= entry.rmin_next(), "bounds enclose");
    if (i == 0) continue;
    const Entry& before = entries_[i - 1];
    ASTROLABE_CHECK(before.value < entry.value, "values ascend");
    ASTROLABE_CHECK(before.rmin_next() <= entry.rmin && before.rmax <= entry.rmax_prev(), "bounds ascend");
  }
}

double QuantileSummary::error() const {
  double worst = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    worst = std::max(worst, entries_[i].rmax_prev() - entries_[i].rmin);
    if (i > 0) worst = std::max(worst, entries_[i].rmax_prev() - entries_[i - 1].rmin_next());
  }
  return worst > 0 ? worst / total() : 0;
}

RankBounds QuantileSummary::bounds(double value) const {
  const auto at = std::ranges::lower_bound(entries_, value, {}, &Entry::value);
  if (at != entries_.end() && at->value == value) {
    const RankBounds& kept = *at;
    return kept;
  }
  return {.rmin = at == entries_.begin() ? 0 : (at - 1)->rmin_next(),
          .rmax = at == entries_.begin() ? 0
                  : at == entries_.end() ? total()
                                         : at->rmax_prev(),
          .w = 0};
}

double QuantileSummary::query(double rank) const {
  ASTROLABE_CHECK(!entries_.empty(), "no quantile of nothing");
  const auto above = std::ranges::upper_bound(entries_, 2 * rank, {}, twice_middle);
  if (above == entries_.begin()) return entries_.front().value;
  if (above == entries_.end()) return entries_.back().value;
  return 2 * rank < turning_point(*(above - 1), *above) ? (above - 1)->value : above->value;
}

namespace {

// What pruning to b + 1 keeps of more entries, entry(0) .. entry(size - 1).
template <class EntryAt>
std::vector<Entry> pruned(std::size_t size, const EntryAt& entry, std::size_t b) {
  std::vector<Entry> kept;
  kept.reserve(b + 1);
  kept.push_back(entry(0));
  const double begin = entry(0).rmax;
  const double range = entry(size - 1).rmin - begin;
  std::size_t last = 0;
  // The queries of evenly spaced ranks. The first value stays in any case: its neighbour answers in its
  // place.
  for (std::size_t i = 1, k = 1; k < b; ++k) {
    const double twice = 2 * (static_cast<double>(k) * range / static_cast<double>(b) + begin);
    while (i + 1 < size && twice >= twice_middle(entry(i + 1))) ++i;
    if (i + 1 == size) break;
    const std::size_t answer = twice < turning_point(entry(i), entry(i + 1)) ? i : i + 1;
    if (answer == last) continue;
    kept.push_back(entry(answer));
    last = answer;
  }
  if (last + 1 != size) kept.push_back(entry(size - 1));
  return kept;
}

}  // namespace

void QuantileSummary::prune(std::size_t b) {
  ASTROLABE_CHECK(b >= 1, "the first and the last value stay");
  if (entries_.size() <= b + 1) return;
  entries_ = pruned(entries_.size(), [&](std::size_t i) -> const Entry& { return entries_[i]; }, b);
  exact_ = false;
}

QuantileSummary merge(QuantileSummary a, QuantileSummary b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  QuantileSummary both;
  both.exact_ = a.exact_ && b.exact_;
  both.entries_.reserve(a.entries_.size() + b.entries_.size());
  auto left = a.entries_.begin();
  auto right = b.entries_.begin();
  const auto left_end = a.entries_.end();
  const auto right_end = b.entries_.end();
  double left_next = 0, right_next = 0;  // rmin_next of what has been taken last of each
  while (left != left_end || right != right_end) {
    const bool take_left = right == right_end || (left != left_end && left->value <= right->value);
    const bool take_right = left == left_end || (right != right_end && right->value <= left->value);
    Entry entry;
    entry.value = take_left ? left->value : right->value;
    if (take_left && take_right) {
      entry.rmin = left->rmin + right->rmin;
      entry.rmax = left->rmax + right->rmax;
      entry.w = left->w + right->w;
    } else if (take_left) {
      entry.rmin = left->rmin + right_next;
      entry.rmax = left->rmax + (right == right_end            ? b.total()
                                 : right == b.entries_.begin() ? 0
                                                               : right->rmax_prev());
      entry.w = left->w;
    } else {
      entry.rmin = right->rmin + left_next;
      entry.rmax = right->rmax + (left == left_end             ? a.total()
                                  : left == a.entries_.begin() ? 0
                                                               : left->rmax_prev());
      entry.w = right->w;
    }
    if (take_left) left_next = (left++)->rmin_next();
    if (take_right) right_next = (right++)->rmin_next();
    push_monotone(both.entries_, entry);
  }
  return both;
}

QuantileSketch::QuantileSketch(double error, std::uint64_t items, std::size_t block) : block_(block) {
  ASTROLABE_CHECK(error > 0 && error < 1 && block >= 2, "an error between 0 and 1, and blocks of values");
  // Every summary of level 0 takes more than block / 2 items; one of level l is pruned l + 1 times at most.
  const auto levels = static_cast<double>(std::bit_width(std::max<std::uint64_t>(1, 2 * items / block)));
  budget_ = static_cast<std::size_t>(std::ceil(levels / error));
}

void QuantileSketch::push(double value, double weight) {
  if (!(weight >= 0 && weight <= std::numeric_limits<double>::max()))
    throw bad_input({.attempted = "finding the quantiles of weighted values",
                     .expected = "weights that are finite and not negative",
                     .found = fmt::format("{}", weight),
                     .remedy = "Drop the row, or give it a weight."});
  if (weight == 0 || std::isnan(value)) return;
  buffer_.push_back({value, weight});
  if (buffer_.size() >= std::min(kBuffer, block_ / 2)) settle();
}

QuantileSummary QuantileSketch::sorted(std::vector<Item> items) {
  std::ranges::stable_sort(items, {}, &Item::value);
  QuantileSummary summary;
  summary.reserve(items.size());
  for (const Item& item : items) summary.append(item.value, item.weight);
  return summary;
}

void QuantileSketch::settle() {
  absorb(sorted(std::exchange(buffer_, {})));
}

void QuantileSketch::absorb(QuantileSummary exact) {
  pending_ = astrolabe::merge(std::move(pending_), std::move(exact));
  if (pending_.entries().size() > block_ / 2) carry(std::exchange(pending_, {}));
}

void QuantileSketch::carry(QuantileSummary summary, std::size_t level) {
  for (summary.prune(budget_);; ++level, summary.prune(budget_)) {
    if (levels_.size() <= level) levels_.resize(level + 1);
    if (levels_[level].empty()) break;
    summary = astrolabe::merge(std::exchange(levels_[level], {}), std::move(summary));
  }
  levels_[level] = std::move(summary);
}

void QuantileSketch::merge(QuantileSummary summary) {
  if (summary.empty()) return;
  if (summary.is_exact() && summary.entries().size() <= block_ / 2)
    absorb(std::move(summary));
  else
    carry(std::move(summary));
}

void QuantileSketch::merge_ascending(std::span<const float> values) {
  // Where each of the distinct values begins, and the end.
  std::vector<std::uint32_t> begins(values.size() + 1);
  std::size_t distinct = values.empty() ? 0 : 1;
  for (std::size_t i = 1; i < values.size(); ++i) {  // without a branch
    begins[distinct] = static_cast<std::uint32_t>(i);
    distinct += values[i] != values[i - 1] ? 1 : 0;
  }
  begins[distinct] = static_cast<std::uint32_t>(values.size());
  const auto entry = [&](std::size_t i) {
    const double begin = begins[i], end = begins[i + 1];
    return Entry{{.rmin = begin, .rmax = end, .w = end - begin}, values[begins[i]]};
  };
  if (distinct <= std::max(block_ / 2, budget_ + 1)) {
    std::vector<Entry> entries;
    entries.reserve(distinct);
    for (std::size_t i = 0; i < distinct; ++i) entries.push_back(entry(i));
    merge(QuantileSummary(std::move(entries), true));
  } else {
    carry(QuantileSummary(pruned(distinct, entry, budget_)));
  }
}

void QuantileSketch::merge(QuantileSketch other) {
  ASTROLABE_CHECK(budget_ == other.budget_ && block_ == other.block_, "sketches of the same arguments");
  for (std::size_t level = 0; level < other.levels_.size(); ++level)
    if (!other.levels_[level].empty()) carry(std::move(other.levels_[level]), level);
  absorb(std::move(other.pending_));
  for (const Item& item : other.buffer_) push(item.value, item.weight);
}

QuantileSummary QuantileSketch::finish() const {
  QuantileSummary all = astrolabe::merge(pending_, sorted(buffer_));
  for (const QuantileSummary& level : levels_) all = astrolabe::merge(std::move(all), level);
  return all;
}

}  // namespace astrolabe
