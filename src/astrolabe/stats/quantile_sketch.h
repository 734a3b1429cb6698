// SPDX-License-Identifier: Apache-2.0
// Quantiles of more weighted values than memory holds, with a bound on how wrong a rank can be.
//
//   QuantileSketch sketch(/*error=*/0.001, /*items=*/rows);
//   for (const Row& row : stream) sketch.push(row.price, row.weight);
//   sketch.merge(sketch_of_the_other_rows);  // in any order, in any tree of merges: the bound holds
//   const QuantileSummary summary = sketch.finish();
//   double median = summary.query(summary.total() / 2);  // its rank is right to 0.001 of the total weight
//
// A summary keeps some of the values, each with bounds on the weight below it and up to it. Merging two adds
// the bounds and costs no accuracy; pruning to b + 1 values costs 1 / b of the weight. A sketch arranges its
// merges as a binary counter, so that no value is pruned more often than the logarithm of their number.
// Not thread-safe; one sketch a thread, then merge. Nothing depends on the order of equal values, but sums of
// weights are rounded in the order of adding: a fixed order of merges gives fixed bytes.
//
// Source: Chen & Guestrin, "XGBoost: a scalable tree boosting system", KDD 2016, appendix (weighted quantile
// sketch), which extends Greenwald & Khanna, "Space-efficient online computation of quantile summaries",
// SIGMOD 2001, and Zhang & Wang, "A fast algorithm for approximate quantiles in high speed data streams",
// SSDBM 2007.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace astrolabe {

// What a summary knows of a value y: weight(x < y) >= rmin, weight(x <= y) <= rmax, weight(x == y) >= w.
struct RankBounds {
  double rmin = 0;
  double rmax = 0;
  double w = 0;

  [[nodiscard]] double rmin_next() const { return rmin + w; }  // least weight(x <= y)
  [[nodiscard]] double rmax_prev() const { return rmax - w; }  // most weight(x < y)
};

class QuantileSummary {
 public:
  struct Entry : RankBounds {
    double value = 0;
  };

  QuantileSummary() = default;
  // Entries by strictly ascending value, whose bounds do not contradict each other. `exact`: rmin, rmax and w
  // are the weights themselves, and no value is left out.
  explicit QuantileSummary(std::vector<Entry> entries, bool exact = false);

  // Adds a value that is not below the last one, to an exact summary; equal values become one entry. The
  // value is not NaN, the weight is finite and not negative. Cost: O(1).
  void append(double value, double weight) {
    if (!entries_.empty() && entries_.back().value == value) {
      Entry& last = entries_.back();
      last.w += weight;
      last.rmax = last.rmin_next();
    } else {
      const double before = total();
      entries_.push_back({{.rmin = before, .rmax = before + weight, .w = weight}, value});
    }
  }
  void reserve(std::size_t entries) { entries_.reserve(entries); }

  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] double total() const { return entries_.empty() ? 0 : entries_.back().rmax; }
  [[nodiscard]] bool is_exact() const { return exact_; }

  // The share of the total weight by which a rank can be wrong: for every y, kept or not,
  // rmax(y) - rmin(y) - w(y) <= error() * total(). Up to rounding, 0 when exact. Cost: O(entries).
  [[nodiscard]] double error() const;

  // The bounds of any value. Cost: O(log entries).
  [[nodiscard]] RankBounds bounds(double value) const;

  // A value x with weight(x' < x) - e <= rank <= weight(x' <= x) + e, where e = error() / 2 * total(). The
  // summary is not empty. Cost: O(log entries).
  [[nodiscard]] double query(double rank) const;

  // Keeps at most b + 1 values, the first and the last among them; b >= 1. Adds at most 1 / b to error().
  // Cost: O(entries).
  void prune(std::size_t b);

  // Of all values of both: error() is at most the larger of the two. Cost: O(entries of both).
  friend QuantileSummary merge(QuantileSummary a, QuantileSummary b);

 private:
  std::vector<Entry> entries_;
  bool exact_ = true;
};

[[nodiscard]] QuantileSummary merge(QuantileSummary a, QuantileSummary b);

class QuantileSketch {
 public:
  // error() of what finish() returns is at most `error`, in (0, 1), while all sketches that are merged
  // together have taken at most `items` values; each doubling of that adds 1 / budget(). Up to block / 2
  // distinct values are kept as they are. The larger `block` (>= 2), the fewer levels: 1 + log2(2 items /
  // block). Memory: 32 bytes times levels^2 / error + block.
  QuantileSketch(double error, std::uint64_t items, std::size_t block = 8192);

  // A NaN is a missing value: it takes no part, nor does a value of weight 0. A weight that is NaN, infinite
  // or negative is bad input. Amortised cost: O(log block).
  void push(double value, double weight = 1);

  // Of sketches made with the same arguments.
  void merge(QuantileSketch other);
  // Of a summary, whose own error adds to the sketch's. One that is not exact counts as block / 2 items.
  void merge(QuantileSummary summary);
  // Of values in ascending order, none of them NaN, that weigh 1 each: as merge of their exact summary, to
  // the last bit, but without writing down what would be pruned at once.
  void merge_ascending(std::span<const float> values);

  // Of all values so far: at most levels * (budget() + 1) + block of them. prune(b) makes it small, for 1 /
  // b.
  [[nodiscard]] QuantileSummary finish() const;

  // Summaries inside keep at most budget() + 1 values.
  [[nodiscard]] std::size_t budget() const { return budget_; }

 private:
  struct Item {
    double value = 0;
    double weight = 0;
  };
  [[nodiscard]] static QuantileSummary sorted(std::vector<Item> items);
  void settle();                       // buffer_ into pending_
  void absorb(QuantileSummary exact);  // into pending_, and on when that is full
  // Into levels_, as a binary counter; pruned first.
  void carry(QuantileSummary summary, std::size_t level = 0);

  std::size_t budget_ = 0;
  std::size_t block_ = 0;
  std::vector<Item> buffer_;             // not sorted yet
  QuantileSummary pending_;              // exact, at most block_ / 2 values
  std::vector<QuantileSummary> levels_;  // [level] empty, or pruned level + 1 times at most
};

}  // namespace astrolabe
