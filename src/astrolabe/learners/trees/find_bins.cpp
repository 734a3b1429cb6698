// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include "astrolabe/data/binning.h"
#include "astrolabe/learners/trees/binned_matrix.h"
#include "astrolabe/stats/quantile_sketch.h"

namespace astrolabe::trees {
namespace {

constexpr std::uint32_t kNoCategory = UINT32_MAX;
// Columns of more values than a block are sketched, a block sorted in the second cache at a time; ranks are
// wrong by an eighth of a bin at most. Shorter columns are sorted as a whole.
constexpr std::size_t kBlock = std::size_t{1} << 17;
constexpr std::size_t kPart = 4 * kBlock;
constexpr double kErrorsPerBin = 8;
constexpr std::size_t kWideStep = std::size_t{1} << 16;  // rows between two looks at as many bins

std::uint32_t category_code(float value, std::uint32_t categories) {
  return value >= 0 && value < static_cast<float>(categories) ? static_cast<std::uint32_t>(value)
                                                              : kNoCategory;
}

// Calls visit(row, value) for every listed value; a sparse column's zeros are not listed.
template <class Visit>
void for_each_listed(const FeatureColumn& column, std::size_t rows, Visit visit) {
  if (column.is_sparse) {
    for (std::size_t i = 0; i < column.sparse_rows.size(); ++i)
      visit(column.sparse_rows[i], column.sparse_values[i]);
  } else {
    for (std::size_t row = 0; row < rows; ++row) visit(row, column.dense[row]);
  }
}

FeatureBins bin_categories(const FeatureMatrix& features, std::size_t feature,
                           std::span<const double> weights, std::size_t max_bins) {
  const std::uint32_t categories = std::min((*features.info)[feature].categories, kMaxCategories);
  std::vector<double> weight_of(categories, 0.0);
  for_each_listed(features.columns[feature], features.rows, [&](std::size_t row, float value) {
    const std::uint32_t code = category_code(value, categories);
    if (code != kNoCategory) weight_of[code] += weights.empty() ? 1.0 : weights[row];
  });
  return category_bins(weight_of, max_bins);
}

// The listed values of some of the rows of a column: their places in it.
struct Places {
  std::size_t begin = 0, end = 0;
};

// A column of numbers, cut into blocks of listed values that are summarised one by one.
class NumberColumn {
 public:
  NumberColumn(const FeatureColumn& column, std::size_t rows, std::span<const double> weights)
      : column_(column), rows_(rows), weights_(weights) {}

  [[nodiscard]] std::size_t size() const { return values().size(); }

  // Block by block.
  void merge_into(QuantileSketch& sketch, Places places) const {
    if (weights_.empty()) {
      sketch_values(values().subspan(places.begin, places.end - places.begin), kBlock, sketch);
      return;
    }
    for (std::size_t begin = places.begin; begin < places.end; begin += kBlock)
      sketch.merge(summary({begin, std::min(begin + kBlock, places.end)}));
  }

  // Weights of sparse rows are gathered first: those of dense ones lie as the values do.
  [[nodiscard]] QuantileSummary summary(Places places) const {
    const std::size_t count = places.end - places.begin;
    const auto part = values().subspan(places.begin, count);
    if (weights_.empty()) return summarise(part, {});
    if (!column_.is_sparse) return summarise(part, weights_.subspan(places.begin, count));
    std::vector<double> listed;
    for (std::size_t i = places.begin; i < places.end; ++i)
      listed.push_back(weights_[column_.sparse_rows[i]]);
    return summarise(part, listed);
  }

  // The weight of the rows that are not listed.
  [[nodiscard]] double zeros() const {
    if (!column_.is_sparse) return 0;
    if (weights_.empty()) return static_cast<double>(rows_ - size());
    double weight = std::accumulate(weights_.begin(), weights_.end(), 0.0);
    for (const std::uint32_t row : column_.sparse_rows) weight -= weights_[row];
    return std::max(weight, 0.0);
  }

 private:
  [[nodiscard]] std::span<const float> values() const {
    return column_.is_sparse ? column_.sparse_values : column_.dense;
  }
  const FeatureColumn& column_;
  std::size_t rows_;
  std::span<const double> weights_;
};

QuantileSketch sketch_of(const NumberColumn& column, Places places, std::size_t max_bins) {
  QuantileSketch sketch(1 / (kErrorsPerBin * static_cast<double>(max_bins)), column.size(), kBlock);
  column.merge_into(sketch, places);
  return sketch;
}

void cut(QuantileSummary listed, double zeros, std::size_t max_bins, FeatureBins& bins) {
  QuantileSummary zero;
  if (zeros > 0) zero.append(0, zeros);
  bins.cuts = quantile_cuts(merge(std::move(listed), std::move(zero)), max_bins);
  bins.bins = static_cast<std::uint32_t>(bins.cuts.size() + 1);
  bins.zero_bin = static_cast<std::uint8_t>(bin_of(bins.cuts, 0.0F));
}

// Whether some split leaves min_rows on both sides: min_rows rows lie outside of every bin. Rows are counted
// until that is seen, which most columns show at once.
class SplitCheck {
 public:
  SplitCheck(const FeatureBins& bins, std::span<const double> weights, std::size_t min_rows)
      : counts_(bins.bins + 1, 0), weights_(weights), min_rows_(min_rows) {}

  void count(std::size_t row, std::size_t bin) {
    if (weights_.empty() || weights_[row] > 0) ++counts_[bin];
  }
  void add(std::size_t bin, std::size_t rows) { counts_[bin] += rows; }
  [[nodiscard]] std::size_t counted() const {
    return std::accumulate(counts_.begin(), counts_.end(), std::size_t{0});
  }
  [[nodiscard]] bool passed() const { return std::ranges::max(counts_) + min_rows_ <= counted(); }

 private:
  std::vector<std::size_t> counts_;  // [bins + 1] rows; those of weight 0 left out
  std::span<const double> weights_;
  std::size_t min_rows_;
};

// Of a wide feature too.
std::size_t any_bin(const FeatureBins& bins, float value) {
  if (!bins.is_wide()) return bins.bin(value);
  return std::isnan(value) ? bins.bins : bin_of(bins.cuts, value);
}

bool could_split(const FeatureColumn& column, std::size_t rows, std::span<const double> weights,
                 std::size_t min_rows, const FeatureBins& bins) {
  SplitCheck check(bins, weights, min_rows);
  if (column.is_sparse) {
    for_each_listed(column, rows,
                    [&](std::size_t row, float value) { check.count(row, any_bin(bins, value)); });
    const std::size_t weightless =
        weights.empty() ? 0 : static_cast<std::size_t>(std::ranges::count(weights, 0.0));
    check.add(any_bin(bins, 0), rows - weightless - check.counted());
    return check.passed();
  }
  if (bins.is_wide()) {
    for (std::size_t row = 0; row < rows && !check.passed(); row += kWideStep)
      for (std::size_t i = row; i < std::min(rows, row + kWideStep); ++i)
        check.count(i, any_bin(bins, column.dense[i]));
    return check.passed();
  }
  std::array<std::uint8_t, 2048> tile;
  for (std::size_t begin = 0; begin < rows && !check.passed(); begin += tile.size()) {
    const std::size_t size = std::min(tile.size(), rows - begin);
    if (bins.categorical) {
      for (std::size_t i = 0; i < size; ++i) tile[i] = bins.bin(column.dense[begin + i]);
    } else {
      assign_bins(bins.cuts, std::span(column.dense).subspan(begin, size), bins.missing_bin(),
                  std::span(tile).first(size));
    }
    for (std::size_t i = 0; i < size; ++i) check.count(begin + i, tile[i]);
  }
  return check.passed();
}

// Bins of one feature after another, or of parts of its rows at the same time. Parts are a fixed number of
// blocks, and are merged in their order: no cut depends on the number of threads.
class BinFinder {
 public:
  BinFinder(const FeatureMatrix& features, std::span<const double> weights, std::size_t max_bins,
            std::size_t min_rows)
      : features_(features), weights_(weights), max_bins_(max_bins), min_rows_(min_rows) {}

  // Features [begin, end) of `all`.
  void find(std::size_t begin, std::size_t end, std::vector<FeatureBins>& all, ThreadPool& pool,
            const Budget& budget) const {
    struct Part {
      std::size_t feature;
      Places places;
    };
    std::vector<Part> parts;
    for (std::size_t feature = begin; feature < end; ++feature) {
      if (!is_large(feature)) continue;
      const std::size_t size = numbers(feature).size();
      for (std::size_t from = 0; from < size; from += kPart)
        parts.push_back({feature, {from, std::min(from + kPart, size)}});
    }
    std::vector<std::optional<QuantileSketch>> sketches(parts.size());
    pool.for_each(parts.size(), [&](std::size_t i) {
      if (!budget.should_stop())
        sketches[i].emplace(sketch_of(numbers(parts[i].feature), parts[i].places, max_bins_));
    });
    pool.for_each(end - begin, [&](std::size_t i) {
      if (budget.should_stop()) return;
      const std::size_t feature = begin + i;
      const auto first = std::ranges::lower_bound(parts, feature, {}, &Part::feature) - parts.begin();
      const auto last = std::ranges::upper_bound(parts, feature, {}, &Part::feature) - parts.begin();
      find_one(feature, std::span(sketches).subspan(first, last - first), all[feature]);
    });
  }

  // How many features to take at a time so that there is work for `threads`, in little memory for sketches.
  [[nodiscard]] std::size_t features_at_a_time(std::size_t threads) const {
    if (features_.rows <= kBlock) return std::max<std::size_t>(1, features_.features());
    return std::max<std::size_t>(1, 4 * threads / std::max<std::size_t>(1, features_.rows / kPart));
  }

 private:
  [[nodiscard]] NumberColumn numbers(std::size_t feature) const {
    return {features_.columns[feature], features_.rows, weights_};
  }
  [[nodiscard]] bool is_categorical(std::size_t feature) const {
    return (*features_.info)[feature].kind == FeatureKind::categorical;
  }
  [[nodiscard]] bool is_large(std::size_t feature) const {
    return !is_categorical(feature) && numbers(feature).size() > kBlock;
  }

  void find_one(std::size_t feature, std::span<std::optional<QuantileSketch>> parts,
                FeatureBins& bins) const {
    if (is_categorical(feature)) {
      bins = bin_categories(features_, feature, weights_, std::min(max_bins_, kMaxBins));
    } else if (parts.empty()) {
      const NumberColumn column = numbers(feature);
      cut(column.summary({0, column.size()}), column.zeros(), max_bins_, bins);
    } else {
      for (const std::optional<QuantileSketch>& part : parts)
        if (!part) return;  // the budget ended
      for (std::size_t i = 1; i < parts.size(); ++i) parts[0]->merge(std::move(*parts[i]));
      cut(parts[0]->finish(), numbers(feature).zeros(), max_bins_, bins);
    }
    bins.usable = could_split(features_.columns[feature], features_.rows, weights_, min_rows_, bins);
  }

  const FeatureMatrix& features_;
  std::span<const double> weights_;
  std::size_t max_bins_;
  std::size_t min_rows_;
};

}  // namespace

std::uint8_t FeatureBins::bin(float value) const {
  if (categorical) {
    const std::uint32_t code = category_code(value, static_cast<std::uint32_t>(category_bins.size()));
    return code == kNoCategory ? missing_bin() : category_bins[code];
  }
  return std::isnan(value) ? missing_bin() : static_cast<std::uint8_t>(bin_of(cuts, value));
}

FeatureBins category_bins(std::span<const double> weights, std::size_t max_bins) {
  FeatureBins bins;
  bins.categorical = true;
  std::vector<std::uint32_t> order(weights.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, [&](auto a, auto b) { return weights[a] > weights[b]; });
  while (!order.empty() && weights[order.back()] == 0) order.pop_back();
  order.resize(std::min(order.size(), max_bins));
  bins.bins = static_cast<std::uint32_t>(order.size());
  bins.category_bins.assign(weights.size(), bins.missing_bin());
  for (std::size_t bin = 0; bin < order.size(); ++bin)
    bins.category_bins[order[bin]] = static_cast<std::uint8_t>(bin);
  return bins;
}

std::vector<FeatureBins> find_bins(const FeatureMatrix& features, std::span<const double> weights,
                                   std::size_t max_bins, std::size_t min_rows, ThreadPool& pool,
                                   const Budget& budget) {
  std::vector<FeatureBins> all(features.features());
  const BinFinder finder(features, weights, max_bins, min_rows);
  const std::size_t step = finder.features_at_a_time(pool.size());
  for (std::size_t begin = 0; begin < all.size(); begin += step)
    finder.find(begin, std::min(begin + step, all.size()), all, pool, budget);
  return all;
}

}  // namespace astrolabe::trees
