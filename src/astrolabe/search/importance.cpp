// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/importance.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numeric>

#include "astrolabe/base/error.h"
#include "astrolabe/search/ranked_trials.h"

namespace astrolabe {
namespace {

constexpr std::size_t kMostCells = 50;
constexpr std::size_t kLeastInRegime = 2;  // trials in which a dimension exists; below nothing is said of it
constexpr double kPriorWeight = 1;
constexpr std::int32_t kAbsent = -1;  // the dimension does not exist in this trial

using Counts = std::vector<double>;  // per cell

// ---- The grid of a dimension.

// Cells of a dimension; 0: it has one value only, which decides nothing. A choice has as many as options.
std::size_t cell_count(const Dimension& dimension) {
  const std::size_t values = value_count(dimension);
  if (values == 1) return 0;
  if (is_choice(dimension)) return values;
  const auto* whole = std::get_if<WholeRange>(&dimension.domain);
  if (whole == nullptr) return kMostCells;
  if (!whole->log_scale) return std::min(values, kMostCells);
  const auto doublings =
      static_cast<std::size_t>(std::ceil(std::log(static_cast<double>(values)) / std::log(2.0)));
  return std::min(doublings + 1, kMostCells);
}

std::size_t cell_of(const Dimension& dimension, std::size_t cells, double value) {
  if (is_choice(dimension)) return static_cast<std::size_t>(value);
  const auto place = [&](double low, double high, bool is_log, double v) {
    if (is_log) {
      low = std::log(low);
      high = std::log(high);
      v = std::log(v);
    }
    const double step = (high - low) / static_cast<double>(cells - 1);
    const double index = std::ceil((v - low) / step - 0.5);  // halves go down
    return static_cast<std::size_t>(std::clamp(index, 0.0, static_cast<double>(cells - 1)));
  };
  if (const auto* whole = std::get_if<WholeRange>(&dimension.domain)) {
    return place(static_cast<double>(whole->low), static_cast<double>(whole->high), whole->log_scale, value);
  }
  const auto& real = std::get<RealRange>(dimension.domain);
  return place(real.low, real.high, real.log_scale, value);
}

// ---- Parzen estimates.

double normal_cdf(double x) {
  return 0.5 * std::erfc(-x / std::sqrt(2.0));
}

// Scott's rule on weighted cells, with a floor that keeps 90 % of a kernel within its cell.
double bandwidth(const Counts& counts, double total) {
  double mean = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) mean += static_cast<double>(i) * counts[i];
  mean /= total;
  double squares = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    squares += (static_cast<double>(i) - mean) * (static_cast<double>(i) - mean) * counts[i];
  }
  const double deviation = std::sqrt(squares / std::max(1.0, total - 1));
  // Quartiles among the cells that hold something.
  const double quarter = std::floor(total / 4), three_quarters = std::floor(total * 3 / 4);
  double below = 0, first = -1, third = -1, last = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    below += counts[i];
    last = static_cast<double>(i);
    if (first < 0 && below >= quarter) first = last;
    if (third < 0 && below > three_quarters) third = last;
  }
  const double range = (third < 0 ? last : third) - first;
  const double scott = 1.059 * std::min(range / 1.34, deviation) * std::pow(total, -0.2);
  return std::max(scott, 0.5 / 1.64);
}

// The normal distribution at the borders of cells, seen from the centre of one: all kernels share them.
class Borders {
 public:
  Borders(std::size_t cells, double sigma) : cells_(cells) {
    for (std::size_t i = 0; i < 2 * cells; ++i) {
      below_.push_back(normal_cdf((static_cast<double>(i) - static_cast<double>(cells) + 0.5) / sigma));
    }
  }
  // Below the left border of `cell` for a kernel at `center`; a cell more than the last is allowed.
  [[nodiscard]] double before(std::size_t cell, std::size_t center) const {
    return below_[cell + cells_ - 1 - center];
  }

 private:
  std::size_t cells_;
  std::vector<double> below_;
};

// The share of a normal distribution, cut to the grid, that lies in each cell, for kernels on cells and a
// wide one over all of them (the prior).
Counts parzen_number(const Counts& counts, double total) {
  const std::size_t cells = counts.size();
  const double share = 1 / (total + kPriorWeight);
  const Borders borders(cells, bandwidth(counts, total));
  Counts density(cells, 0);
  for (std::size_t center = 0; center < cells; ++center) {
    if (counts[center] == 0) continue;
    const double mass = borders.before(cells, center) - borders.before(0, center);
    const double weight = share * counts[center] / mass;
    for (std::size_t i = 0; i < cells; ++i) {
      density[i] += weight * (borders.before(i + 1, center) - borders.before(i, center));
    }
  }
  const auto width = static_cast<double>(cells);
  const double mass = normal_cdf(0.5) - normal_cdf(-0.5);
  for (std::size_t i = 0; i < cells; ++i) {
    const double left = (static_cast<double>(i) - width / 2) / width;
    density[i] += share * kPriorWeight * (normal_cdf(left + 1 / width) - normal_cdf(left)) / mass;
  }
  return density;
}

// Every option that was seen is a kernel, which leaves a little to the others.
Counts parzen_choice(const Counts& counts, double total) {
  const auto options = static_cast<double>(counts.size());
  const auto seen =
      static_cast<double>(counts.size() - static_cast<std::size_t>(std::ranges::count(counts, 0.0)));
  const double rest = kPriorWeight / (seen + 1);  // of a kernel, to each option
  const double share = 1 / (total + kPriorWeight);
  const double everywhere = share * (total * rest / (1 + options * rest) + kPriorWeight / options);
  Counts density(counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    density[i] = everywhere + share * counts[i] / (1 + options * rest);
  }
  return density;
}

double divergence(const Counts& best, double best_total, const Counts& all, double all_total,
                  bool is_choice) {
  constexpr double kLeast = 1e-12;
  const Counts top = is_choice ? parzen_choice(best, best_total) : parzen_number(best, best_total);
  const Counts local = is_choice ? parzen_choice(all, all_total) : parzen_number(all, all_total);
  double sum = 0;
  for (std::size_t i = 0; i < top.size(); ++i) {
    const double ratio = (top[i] + kLeast) / (local[i] + kLeast) - 1;
    sum += (local[i] + kLeast) * ratio * ratio;
  }
  return sum;
}

// ---- The trials, as cells and places.

class Table {
 public:
  Table(const Space& space, std::span<const Observation> seen) : space_(space), trials_(seen) {
    for (const Dimension& dimension : space.dimensions()) {
      cells_.push_back(cell_count(dimension));
      cell_of_trial_.push_back(cells_of(dimension, cells_.back(), cell_of_trial_.size()));
    }
  }

  [[nodiscard]] std::size_t size() const { return trials_.size(); }

  // The importance of each dimension when trial i, in the order of the table, counts times[i] times.
  [[nodiscard]] std::vector<double> values(std::span<const double> times, double quantile) const {
    std::vector<double> result(cells_.size(), 0);
    const std::size_t end = trials_.end_of_best(times, quantile);
    const double all = std::accumulate(times.begin(), times.end(), 0.0);
    const double best = std::accumulate(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(end), 0.0);
    if (best == 0) return result;
    for (std::size_t d = 0; d < cells_.size(); ++d) {
      if (cells_[d] > 0) result[d] = (best / all) * (best / all) * variance_within(d, times, end, best, all);
    }
    return result;
  }

 private:
  [[nodiscard]] std::vector<std::int32_t> cells_of(const Dimension& dimension, std::size_t cells,
                                                   std::size_t d) const {
    std::vector<std::int32_t> at(trials_.size(), kAbsent);
    for (std::size_t i = 0; i < trials_.size(); ++i) {
      const double value = trials_[i].point.values[d];
      if (cells > 0 && !std::isnan(value))
        at[i] = static_cast<std::int32_t>(cell_of(dimension, cells, value));
    }
    return at;
  }

  // alpha^2 / beta * divergence, of the trials in which the dimension exists.
  [[nodiscard]] double variance_within(std::size_t d, std::span<const double> times, std::size_t end,
                                       double best, double all) const {
    Counts best_counts(cells_[d], 0), all_counts(cells_[d], 0);
    double best_here = 0, all_here = 0;
    for (std::size_t i = 0; i < size(); ++i) {
      if (cell_of_trial_[d][i] == kAbsent) continue;
      const auto cell = static_cast<std::size_t>(cell_of_trial_[d][i]);
      all_counts[cell] += times[i];
      all_here += times[i];
      if (i >= end) continue;
      best_counts[cell] += times[i];
      best_here += times[i];
    }
    if (best_here == 0 || all_here < kLeastInRegime) return 0;
    const double alpha = best_here / best, beta = all_here / all;
    return alpha * alpha / beta *
           divergence(best_counts, best_here, all_counts, all_here, is_choice(space_.dimensions()[d]));
  }

  const Space& space_;
  RankedTrials trials_;
  std::vector<std::size_t> cells_;                        // of each dimension
  std::vector<std::vector<std::int32_t>> cell_of_trial_;  // [dimension][trial]
};

std::vector<double> shares_of(std::vector<double> values) {
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  for (double& value : values) value = sum > 0 ? value / sum : 0;
  return values;
}

// 95 % of the resampled shares, widened to hold the share itself.
void add_intervals(const Table& table, const ImportanceOptions& options, Key key,
                   std::vector<DimensionImportance>& result) {
  std::vector<std::vector<double>> drawn(result.size());
  for (std::size_t r = 0; r < options.resamples; ++r) {
    const std::vector<double> shares =
        shares_of(table.values(drawn_times(table.size(), key.split(r)), options.quantile));
    for (std::size_t d = 0; d < result.size(); ++d) drawn[d].push_back(shares[d]);
  }
  const auto at = [&](double share) {
    return static_cast<std::size_t>(std::lround(share * static_cast<double>(options.resamples - 1)));
  };
  for (std::size_t d = 0; d < result.size(); ++d) {
    std::ranges::sort(drawn[d]);
    result[d].low = std::min(result[d].share, drawn[d][at(0.025)]);
    result[d].high = std::max(result[d].share, drawn[d][at(0.975)]);
  }
}

}  // namespace

std::vector<DimensionImportance> dimension_importance(const Space& space, std::span<const Observation> seen,
                                                      Key key, const ImportanceOptions& options) {
  ASTROLABE_CHECK(options.quantile > 0 && options.quantile < 1, "a quantile lies between 0 and 1");
  const Table table(space, seen);
  const std::vector<double> values =
      table.size() < 2 ? std::vector<double>(space.size(), 0)
                       : table.values(std::vector<double>(table.size(), 1), options.quantile);
  const std::vector<double> shares = shares_of(values);
  std::vector<DimensionImportance> result;
  for (std::size_t d = 0; d < space.size(); ++d) {
    result.push_back(
        {.dimension = d, .value = values[d], .share = shares[d], .low = shares[d], .high = shares[d]});
  }
  if (table.size() >= 2 && options.resamples > 0) add_intervals(table, options, key, result);
  std::ranges::stable_sort(result, std::ranges::greater{}, &DimensionImportance::share);
  return result;
}

}  // namespace astrolabe
