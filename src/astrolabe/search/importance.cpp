// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/importance.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include "astrolabe/base/error.h"
#include "astrolabe/search/ranked_trials.h"

namespace astrolabe {
namespace {

constexpr std::size_t kMostCells = 50;
constexpr std::size_t kLeastInRegime = 2;  // trials in which a dimension exists; below nothing is said of it
constexpr double kPriorWeight = 1;

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

// The normal distribution as a kernel of one cell sees it: all kernels share it.
class Kernel {
 public:
  Kernel(std::size_t cells, double sigma) : cells_(cells) {
    for (std::size_t i = 0; i < 2 * cells; ++i) {
      below_.push_back(normal_cdf((static_cast<double>(i) - static_cast<double>(cells) + 0.5) / sigma));
      if (i > 0) inside_.push_back(below_[i] - below_[i - 1]);
    }
  }
  // What of a kernel at `center` lies on the grid.
  [[nodiscard]] double mass(std::size_t center) const {
    return below_[2 * cells_ - 1 - center] - below_[cells_ - 1 - center];
  }
  // ... and in each cell.
  [[nodiscard]] std::span<const double> of(std::size_t center) const {
    return std::span(inside_).subspan(cells_ - 1 - center, cells_);
  }

 private:
  std::size_t cells_;
  std::vector<double> below_, inside_;  // of the borders of cells; between them
};

// A wide kernel over the whole grid, cut to it: the prior.
Counts wide_kernel(std::size_t cells) {
  Counts inside(cells);
  const auto width = static_cast<double>(cells);
  const double mass = normal_cdf(0.5) - normal_cdf(-0.5);
  for (std::size_t i = 0; i < cells; ++i) {
    const double left = (static_cast<double>(i) - width / 2) / width;
    inside[i] = (normal_cdf(left + 1 / width) - normal_cdf(left)) / mass;
  }
  return inside;
}

// The share of normal distributions, cut to the grid, that lies in each cell, for kernels on cells and the
// prior.
Counts parzen_number(const Counts& counts, double total, const Counts& prior) {
  const std::size_t cells = counts.size();
  const double share = 1 / (total + kPriorWeight);
  const Kernel kernel(cells, bandwidth(counts, total));
  Counts density(cells, 0);
  for (std::size_t center = 0; center < cells; ++center) {
    if (counts[center] == 0) continue;
    const double weight = share * counts[center] / kernel.mass(center);
    const std::span<const double> inside = kernel.of(center);
    for (std::size_t i = 0; i < cells; ++i) density[i] += weight * inside[i];
  }
  for (std::size_t i = 0; i < cells; ++i) density[i] += share * kPriorWeight * prior[i];
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

// Trials of which a dimension has a value.
struct Regime {
  Counts counts;
  double total = 0;
};

double divergence(const Regime& best, const Regime& all, const Counts& prior) {
  constexpr double kLeast = 1e-12;
  const auto density_of = [&](const Regime& some) {
    return prior.empty() ? parzen_choice(some.counts, some.total)
                         : parzen_number(some.counts, some.total, prior);
  };
  const Counts top = density_of(best), local = density_of(all);
  double sum = 0;
  for (std::size_t i = 0; i < top.size(); ++i) {
    const double ratio = (top[i] + kLeast) / (local[i] + kLeast) - 1;
    sum += (local[i] + kLeast) * ratio * ratio;
  }
  return sum;
}

// ---- The trials, as cells and places.

// A dimension on its grid.
struct Grid {
  std::size_t cells = 0;                     // 0: it decides nothing
  Counts prior = {};                         // of numbers
  std::vector<std::uint16_t> of_trial = {};  // `cells`: the dimension does not exist in this trial
};

Grid grid_of(const Dimension& dimension, std::size_t d, const RankedTrials& trials) {
  Grid grid{.cells = cell_count(dimension)};
  if (grid.cells == 0) return grid;
  ASTROLABE_CHECK(grid.cells < std::numeric_limits<std::uint16_t>::max(), "cells that 16 bits tell apart");
  if (!is_choice(dimension)) grid.prior = wide_kernel(grid.cells);
  for (std::size_t i = 0; i < trials.size(); ++i) {
    const double value = trials[i].point.values[d];
    grid.of_trial.push_back(
        static_cast<std::uint16_t>(std::isnan(value) ? grid.cells : cell_of(dimension, grid.cells, value)));
  }
  return grid;
}

Regime regime_of(const std::vector<std::uint32_t>& counts, std::size_t cells) {
  Regime regime{.counts = Counts(counts.begin(), counts.begin() + static_cast<std::ptrdiff_t>(cells))};
  regime.total = std::accumulate(regime.counts.begin(), regime.counts.end(), 0.0);
  return regime;
}

class Table {
 public:
  Table(const Space& space, std::span<const Observation> seen) : trials_(seen) {
    for (const Dimension& dimension : space.dimensions())
      grids_.push_back(grid_of(dimension, grids_.size(), trials_));
  }

  [[nodiscard]] const RankedTrials& trials() const { return trials_; }

  // The importance of each dimension among these trials.
  [[nodiscard]] std::vector<double> values(const TrialSample& sample) const {
    std::vector<double> result(grids_.size(), 0);
    if (sample.best == 0) return result;
    const double share = sample.best / sample.all;
    for (std::size_t d = 0; d < grids_.size(); ++d)
      if (grids_[d].cells > 0) result[d] = share * share * variance_within(grids_[d], sample);
    return result;
  }

 private:
  // alpha^2 / beta * divergence, of the trials in which the dimension exists.
  static double variance_within(const Grid& grid, const TrialSample& sample) {
    std::vector<std::uint32_t> counts(grid.cells + 1, 0);
    const std::span cells(grid.of_trial);
    const std::span times(sample.times);
    count_cells(cells.first(sample.end), times.first(sample.end), std::span(counts));
    const Regime best = regime_of(counts, grid.cells);
    count_cells(cells.subspan(sample.end), times.subspan(sample.end), std::span(counts));
    const Regime all = regime_of(counts, grid.cells);
    if (best.total == 0 || all.total < kLeastInRegime) return 0;
    const double alpha = best.total / sample.best, beta = all.total / sample.all;
    return alpha * alpha / beta * divergence(best, all, grid.prior);
  }

  RankedTrials trials_;
  std::vector<Grid> grids_;  // of each dimension
};

std::vector<double> shares_of(std::vector<double> values) {
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  for (double& value : values) value = sum > 0 ? value / sum : 0;
  return values;
}

// What resamples say of the shares.
void add_intervals(const Table& table, const ImportanceOptions& options, Key key,
                   std::vector<DimensionImportance>& result) {
  std::vector<std::vector<double>> drawn(result.size());
  for (std::size_t r = 0; r < options.resamples; ++r) {
    const std::vector<double> shares =
        shares_of(table.values(table.trials().drawn(options.quantile, key.split(r))));
    for (std::size_t d = 0; d < result.size(); ++d) drawn[d].push_back(shares[d]);
  }
  for (std::size_t d = 0; d < result.size(); ++d) {
    const Ends ends = resampled_ends(result[d].share, drawn[d]);
    result[d].low = ends.low;
    result[d].high = ends.high;
  }
}

}  // namespace

std::vector<DimensionImportance> dimension_importance(const Space& space, std::span<const Observation> seen,
                                                      Key key, const ImportanceOptions& options) {
  ASTROLABE_CHECK(options.quantile > 0 && options.quantile < 1, "a quantile lies between 0 and 1");
  const Table table(space, seen);
  const bool is_enough = table.trials().size() >= 2;
  const std::vector<double> values =
      is_enough ? table.values(table.trials().once(options.quantile)) : std::vector<double>(space.size(), 0);
  const std::vector<double> shares = shares_of(values);
  std::vector<DimensionImportance> result;
  for (std::size_t d = 0; d < space.size(); ++d)
    result.push_back({.dimension = d, .value = values[d], .share = shares[d]});
  if (is_enough) add_intervals(table, options, key, result);
  std::ranges::stable_sort(result, std::ranges::greater{}, &DimensionImportance::share);
  return result;
}

}  // namespace astrolabe
