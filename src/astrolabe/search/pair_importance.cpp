// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/pair_importance.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numeric>

#include "astrolabe/base/error.h"
#include "astrolabe/search/ranked_trials.h"

namespace astrolabe {
namespace {

constexpr std::size_t kMostCells = 6;
constexpr int kRounds = 30;             // of the additive fit at most; it converges by a factor each round
constexpr double kNothing = 1e-9;       // a round that moves the fit by less is the last
constexpr std::uint8_t kAbsent = 0xff;  // the dimension does not exist in this trial
constexpr std::size_t kJoint = kMostCells * kMostCells;

// A dimension cut into cells of about as many trials each.
struct Cells {
  std::size_t dimension = 0, count = 0;
  std::vector<std::uint8_t> of_trial;
};

// Options by how many trials have them; all but the commonest share the last cell.
std::vector<std::size_t> cell_of_options(const std::vector<double>& values, std::size_t options) {
  std::vector<std::size_t> seen(options, 0), order(options);
  for (const double value : values)
    if (!std::isnan(value)) ++seen[static_cast<std::size_t>(value)];
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::size_t option) { return seen[option]; });
  std::vector<std::size_t> cell(options);
  for (std::size_t place = 0; place < options; ++place) cell[order[place]] = std::min(place, kMostCells - 1);
  return cell;
}

// Where cells of numbers end: quantiles, each value once.
std::vector<double> borders_of(std::vector<double> values) {
  std::erase_if(values, [](double value) { return std::isnan(value); });
  std::ranges::sort(values);
  std::vector<double> borders;
  if (values.empty()) return borders;
  for (std::size_t i = 1; i < kMostCells; ++i) {
    const double border = values[i * values.size() / kMostCells];
    if (border > values.front() && (borders.empty() || border > borders.back())) borders.push_back(border);
  }
  return borders;
}

Cells cells_of(const Space& space, std::size_t d, const RankedTrials& trials) {
  std::vector<double> values(trials.size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = trials[i].point.values[d];
  Cells cells{.dimension = d, .count = 0, .of_trial = std::vector<std::uint8_t>(values.size(), kAbsent)};
  const Dimension& dimension = space.dimensions()[d];
  const std::vector<std::size_t> of_option =
      is_choice(dimension) ? cell_of_options(values, value_count(dimension)) : std::vector<std::size_t>{};
  const std::vector<double> borders = is_choice(dimension) ? std::vector<double>{} : borders_of(values);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) continue;
    const std::size_t cell =
        is_choice(dimension)
            ? of_option[static_cast<std::size_t>(values[i])]
            : static_cast<std::size_t>(std::ranges::upper_bound(borders, values[i]) - borders.begin());
    cells.of_trial[i] = static_cast<std::uint8_t>(cell);
    cells.count = std::max(cells.count, cell + 1);
  }
  return cells;
}

// Two dimensions, or one with itself, on the table of both of their cells.
struct Joint {
  std::vector<std::uint8_t> of_trial;  // kJoint: one of them does not exist in this trial
};

Joint joint_of(const Cells& a, const Cells& b) {
  Joint joint;
  for (std::size_t i = 0; i < a.of_trial.size(); ++i) {
    const bool exists = a.of_trial[i] != kAbsent && b.of_trial[i] != kAbsent;
    joint.of_trial.push_back(
        static_cast<std::uint8_t>(exists ? a.of_trial[i] * kMostCells + b.of_trial[i] : kJoint));
  }
  return joint;
}

// Counts of a pair of dimensions: all trials, and the best.
struct Counts {
  std::array<double, kJoint> all{}, best{};
  double all_total = 0, best_total = 0;
};

struct Whole {
  const TrialSample& sample;
  double noise = 1;  // how many times that of one sample; of a resample 2
};

Counts count_joint(const Joint& joint, const TrialSample& sample) {
  Counts counts;
  std::array<std::uint32_t, kJoint + 1> seen{};
  const std::span cells(joint.of_trial);
  const std::span times(sample.times);
  count_cells(cells.first(sample.end), times.first(sample.end), std::span<std::uint32_t>(seen));
  std::copy_n(seen.begin(), kJoint, counts.best.begin());
  count_cells(cells.subspan(sample.end), times.subspan(sample.end), std::span<std::uint32_t>(seen));
  std::copy_n(seen.begin(), kJoint, counts.all.begin());
  counts.all_total = std::accumulate(counts.all.begin(), counts.all.end(), 0.0);
  counts.best_total = std::accumulate(counts.best.begin(), counts.best.end(), 0.0);
  return counts;
}

// alpha^2 / beta, as in conditional PED-ANOVA.
double regime_weight(const Counts& counts, const Whole& whole) {
  const double alpha = counts.best_total / whole.sample.best, beta = counts.all_total / whole.sample.all;
  return alpha * alpha / beta;
}

// What is left of a variance when that of counting noise, of `freedom` cells that are free, is taken off.
double without_noise(double variance, double freedom, const Counts& counts, const Whole& whole) {
  const double share = counts.best_total / counts.all_total;
  return std::max(0.0, variance - whole.noise * freedom * (1 - share) / counts.best_total);
}

// The weighted mean of the residuals along one side of the table is what that side explains; taken off. The
// largest of these means.
template <class Cell>
double take_means_off(std::array<double, kJoint>& left, const std::array<double, kJoint>& weight,
                      const Cell& cell) {
  double largest = 0;
  for (std::size_t i = 0; i < kMostCells; ++i) {
    double sum = 0, total = 0;
    for (std::size_t j = 0; j < kMostCells; ++j) {
      sum += weight[cell(i, j)] * left[cell(i, j)];
      total += weight[cell(i, j)];
    }
    if (total == 0) continue;
    for (std::size_t j = 0; j < kMostCells; ++j) left[cell(i, j)] -= sum / total;
    largest = std::max(largest, std::abs(sum / total));
  }
  return largest;
}

double interaction(const Counts& counts, const Whole& whole) {
  if (counts.best_total == 0 || counts.best_total == counts.all_total) return 0;
  std::array<double, kJoint> left{};
  std::array<bool, kMostCells> has_row{}, has_column{};
  double filled = 0;
  for (std::size_t cell = 0; cell < kJoint; ++cell) {
    if (counts.all[cell] == 0) continue;
    left[cell] = counts.best[cell] / counts.best_total / (counts.all[cell] / counts.all_total);
    has_row[cell / kMostCells] = has_column[cell % kMostCells] = true;
    ++filled;
  }
  for (int round = 0; round < kRounds; ++round) {
    take_means_off(left, counts.all, [](std::size_t i, std::size_t j) { return i * kMostCells + j; });
    if (take_means_off(left, counts.all, [](std::size_t i, std::size_t j) { return j * kMostCells + i; }) <
        kNothing)
      break;
  }
  double variance = 0;
  for (std::size_t cell = 0; cell < kJoint; ++cell)
    variance += counts.all[cell] / counts.all_total * left[cell] * left[cell];
  const auto sides =
      static_cast<double>(std::ranges::count(has_row, true) + std::ranges::count(has_column, true));
  const double freedom = std::max(0.0, filled - sides + 1);
  return regime_weight(counts, whole) * without_noise(variance, freedom, counts, whole);
}

// Of one dimension, on the same cells: the pair of it with itself.
double main_effect(const Counts& counts, const Whole& whole) {
  if (counts.best_total == 0 || counts.best_total == counts.all_total) return 0;
  double variance = 0, filled = 0;
  for (std::size_t cell = 0; cell < kJoint; ++cell) {
    if (counts.all[cell] == 0) continue;
    const double share = counts.all[cell] / counts.all_total;
    const double off = counts.best[cell] / counts.best_total / share - 1;
    variance += share * off * off;
    ++filled;
  }
  return regime_weight(counts, whole) * without_noise(variance, filled - 1, counts, whole);
}

struct Tables {
  std::vector<Joint> alone, pairs;  // of dimensions with themselves, and with each that comes later
};

Tables tables_of(const std::vector<Cells>& cells) {
  Tables tables;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    tables.alone.push_back(joint_of(cells[i], cells[i]));
    for (std::size_t j = i + 1; j < cells.size(); ++j) tables.pairs.push_back(joint_of(cells[i], cells[j]));
  }
  return tables;
}

// [pairs] shares of all effects together.
std::vector<double> shares_of(const Tables& tables, const Whole& whole) {
  std::vector<double> values(tables.pairs.size(), 0);
  if (whole.sample.best == 0) return values;
  double total = 0;
  for (const Joint& alone : tables.alone) total += main_effect(count_joint(alone, whole.sample), whole);
  for (std::size_t p = 0; p < values.size(); ++p)
    values[p] = interaction(count_joint(tables.pairs[p], whole.sample), whole);
  total = std::accumulate(values.begin(), values.end(), total);
  for (double& value : values) value = total > 0 ? value / total : 0;
  return values;
}

// The dimensions that decide most alone and have several values, in the order of the space.
std::vector<Cells> cells_that_matter(const Space& space, std::span<const Observation> seen,
                                     const RankedTrials& trials, const ImportanceOptions& options,
                                     std::size_t most) {
  std::vector<Cells> cells;
  for (const DimensionImportance& d :
       dimension_importance(space, seen, Key{}, {.quantile = options.quantile, .resamples = 0})) {
    if (cells.size() == most) break;
    Cells one = cells_of(space, d.dimension, trials);
    if (one.count > 1) cells.push_back(std::move(one));
  }
  std::ranges::sort(cells, {}, &Cells::dimension);
  return cells;
}

}  // namespace

std::vector<PairImportance> pair_importance(const Space& space, std::span<const Observation> seen, Key key,
                                            const ImportanceOptions& options, std::size_t most) {
  ASTROLABE_CHECK(options.quantile > 0 && options.quantile < 1, "a quantile lies between 0 and 1");
  const RankedTrials trials(seen);
  if (trials.size() < 2) return {};
  const std::vector<Cells> cells = cells_that_matter(space, seen, trials, options, most);
  const Tables tables = tables_of(cells);
  const std::vector<double> shares = shares_of(tables, {.sample = trials.once(options.quantile)});
  std::vector<std::vector<double>> drawn(shares.size());
  for (std::size_t r = 0; r < options.resamples; ++r) {
    const std::vector<double> again =
        shares_of(tables, {.sample = trials.drawn(options.quantile, key.split(r)), .noise = 2});
    for (std::size_t p = 0; p < again.size(); ++p) drawn[p].push_back(again[p]);
  }
  std::vector<PairImportance> result;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    for (std::size_t j = i + 1; j < cells.size(); ++j) {
      const std::size_t p = result.size();
      const Ends ends = resampled_ends(shares[p], drawn[p]);
      result.push_back({.first = cells[i].dimension,
                        .second = cells[j].dimension,
                        .share = shares[p],
                        .low = ends.low,
                        .high = ends.high});
    }
  }
  std::ranges::stable_sort(result, std::ranges::greater{}, &PairImportance::share);
  return result;
}

}  // namespace astrolabe
