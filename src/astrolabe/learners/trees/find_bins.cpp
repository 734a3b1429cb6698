// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "astrolabe/data/binning.h"
#include "astrolabe/learners/trees/binned_matrix.h"

namespace astrolabe::trees {
namespace {

constexpr std::uint32_t kNoCategory = UINT32_MAX;

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

void bin_categories(const FeatureMatrix& features, std::size_t feature, std::span<const double> weights,
                    std::size_t max_bins, FeatureBins& bins) {
  const std::uint32_t categories = std::min((*features.info)[feature].categories, kMaxCategories);
  std::vector<double> weight_of(categories, 0.0);
  for_each_listed(features.columns[feature], features.rows, [&](std::size_t row, float value) {
    const std::uint32_t code = category_code(value, categories);
    if (code != kNoCategory) weight_of[code] += weights.empty() ? 1.0 : weights[row];
  });
  std::vector<std::uint32_t> order(categories);
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, [&](auto a, auto b) { return weight_of[a] > weight_of[b]; });
  while (!order.empty() && weight_of[order.back()] == 0) order.pop_back();
  order.resize(std::min(order.size(), max_bins));
  bins.bins = static_cast<std::uint32_t>(order.size());
  bins.category_bins.assign(categories, bins.missing_bin());
  for (std::size_t bin = 0; bin < order.size(); ++bin)
    bins.category_bins[order[bin]] = static_cast<std::uint8_t>(bin);
}

void bin_numbers(const FeatureMatrix& features, std::size_t feature, std::span<const double> weights,
                 std::size_t max_bins, FeatureBins& bins) {
  const FeatureColumn& column = features.columns[feature];
  if (!column.is_sparse) {
    bins.cuts = quantile_cuts(column.dense, weights, max_bins);
  } else {
    auto zeros = static_cast<double>(features.rows - column.sparse_rows.size());
    std::vector<double> listed;
    if (!weights.empty()) {
      zeros = std::accumulate(weights.begin(), weights.end(), 0.0);
      for (const std::uint32_t row : column.sparse_rows) {
        listed.push_back(weights[row]);
        zeros -= weights[row];
      }
    }
    bins.cuts = quantile_cuts(column.sparse_values, listed, max_bins, std::max(zeros, 0.0));
  }
  bins.bins = static_cast<std::uint32_t>(bins.cuts.size() + 1);
  bins.zero_bin = static_cast<std::uint8_t>(bin_of(bins.cuts, 0.0F));
}

// Rows of every bin, those of weight 0 left out.
std::vector<std::size_t> count_bins(const FeatureColumn& column, std::size_t rows,
                                    std::span<const double> weights, const FeatureBins& bins) {
  std::vector<std::size_t> counts(bins.bins + 1, 0);
  const auto count = [&](std::size_t row, std::uint8_t bin) {
    if (weights.empty() || weights[row] > 0) ++counts[bin];
  };
  if (column.is_sparse || bins.categorical) {
    for_each_listed(column, rows, [&](std::size_t row, float value) { count(row, bins.bin(value)); });
    return counts;
  }
  std::array<std::uint8_t, 2048> tile;
  for (std::size_t begin = 0; begin < rows; begin += tile.size()) {
    const std::size_t size = std::min(tile.size(), rows - begin);
    assign_bins(bins.cuts, std::span(column.dense).subspan(begin, size), bins.missing_bin(),
                std::span(tile).first(size));
    for (std::size_t i = 0; i < size; ++i) count(begin + i, tile[i]);
  }
  return counts;
}

// Some split leaves min_rows on both sides only if no bin alone holds nearly all rows.
bool could_split(const FeatureColumn& column, std::size_t rows, std::span<const double> weights,
                 std::size_t min_rows, const FeatureBins& bins) {
  std::vector<std::size_t> counts = count_bins(column, rows, weights, bins);
  const std::size_t weighty =
      weights.empty() ? rows : rows - static_cast<std::size_t>(std::ranges::count(weights, 0.0));
  if (column.is_sparse)
    counts[bins.zero_bin] += weighty - std::accumulate(counts.begin(), counts.end(), std::size_t{0});
  return std::ranges::max(counts) + min_rows <= weighty;
}

}  // namespace

std::uint8_t FeatureBins::bin(float value) const {
  if (categorical) {
    const std::uint32_t code = category_code(value, static_cast<std::uint32_t>(category_bins.size()));
    return code == kNoCategory ? missing_bin() : category_bins[code];
  }
  return std::isnan(value) ? missing_bin() : static_cast<std::uint8_t>(bin_of(cuts, value));
}

std::vector<FeatureBins> find_bins(const FeatureMatrix& features, std::span<const double> weights,
                                   std::size_t max_bins, std::size_t min_rows, ThreadPool& pool,
                                   const Budget& budget) {
  std::vector<FeatureBins> all(features.features());
  pool.for_each(all.size(), [&](std::size_t feature) {
    if (budget.should_stop()) return;
    FeatureBins& bins = all[feature];
    bins.categorical = (*features.info)[feature].kind == FeatureKind::categorical;
    (bins.categorical ? bin_categories : bin_numbers)(features, feature, weights, max_bins, bins);
    bins.usable = could_split(features.columns[feature], features.rows, weights, min_rows, bins);
  });
  return all;
}

}  // namespace astrolabe::trees
