// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evaluate/column_score.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <unordered_map>

#include "astrolabe/data/cell_hash.h"
#include "astrolabe/stats/metric.h"

namespace astrolabe {
namespace {

constexpr std::size_t kMinRows = 50;
constexpr std::size_t kMinClassRows = 10;
constexpr std::size_t kMaxBins = 256;
constexpr std::size_t kRowsPerBin = 20;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Likeness of cells as a number per row; rows of one number are predicted alike.
struct Bins {
  std::vector<std::size_t> fitted;
  std::vector<std::size_t> judged;
  std::size_t count = 0;
};

// Smallest numbers of the second, third, ... bin.
std::vector<double> bin_edges(const Column& column, std::span<const RowIndex> rows) {
  std::vector<double> sorted;
  for (const RowIndex row : rows) {
    if (!column.is_missing(row)) sorted.push_back(column.numbers[row]);
  }
  std::ranges::sort(sorted);
  std::vector<double> distinct = sorted;
  distinct.erase(std::ranges::unique(distinct).begin(), distinct.end());
  const std::size_t bins = std::clamp<std::size_t>(sorted.size() / kRowsPerBin, 1, kMaxBins);
  if (distinct.size() <= bins) {
    if (!distinct.empty()) distinct.erase(distinct.begin());
    return distinct;
  }
  std::vector<double> edges;
  for (std::size_t bin = 1; bin < bins; ++bin) {
    const double edge = sorted[bin * sorted.size() / bins];
    if (edges.empty() ? edge > sorted.front() : edge > edges.back()) edges.push_back(edge);
  }
  return edges;
}

Bins bins_of_numbers(const Column& column, const Halves& halves) {
  const std::vector<double> edges = bin_edges(column, halves.fitted);
  const auto bin_of = [&](RowIndex row) {
    if (column.is_missing(row)) return edges.size() + 1;
    return static_cast<std::size_t>(std::ranges::upper_bound(edges, column.numbers[row]) - edges.begin());
  };
  Bins bins;
  bins.count = edges.size() + 2;
  std::ranges::transform(halves.fitted, std::back_inserter(bins.fitted), bin_of);
  std::ranges::transform(halves.judged, std::back_inserter(bins.judged), bin_of);
  return bins;
}

// Bin 0 is for cells that the first half does not have.
Bins bins_of_cells(const Column& column, const Halves& halves) {
  std::unordered_map<std::uint64_t, std::size_t> known;
  Bins bins;
  for (const std::uint64_t word : cell_hashes(column, halves.fitted)) {
    bins.fitted.push_back(known.try_emplace(word, known.size() + 1).first->second);
  }
  for (const std::uint64_t word : cell_hashes(column, halves.judged)) {
    const auto found = known.find(word);
    bins.judged.push_back(found == known.end() ? 0 : found->second);
  }
  bins.count = known.size() + 1;
  return bins;
}

double r_squared(std::span<const double> truth, std::span<const double> prediction) {
  const double mean = std::accumulate(truth.begin(), truth.end(), 0.0) / static_cast<double>(truth.size());
  double around_mean = 0;
  double around_prediction = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    around_mean += (truth[i] - mean) * (truth[i] - mean);
    around_prediction += (truth[i] - prediction[i]) * (truth[i] - prediction[i]);
  }
  if (!(around_mean > 0) || !std::isfinite(around_mean)) return kNaN;
  return std::max(0.0, 1 - around_prediction / around_mean);
}

// The mean target of each judged row's bin, drawn towards the mean of all by `prior` rows.
std::vector<double> predict_means(const Bins& bins, std::span<const double> targets, double prior) {
  const double mean =
      std::accumulate(targets.begin(), targets.end(), 0.0) / static_cast<double>(targets.size());
  std::vector<double> sums(bins.count, 0.0);
  std::vector<double> counts(bins.count, 0.0);
  for (std::size_t i = 0; i < targets.size(); ++i) {
    sums[bins.fitted[i]] += targets[i];
    counts[bins.fitted[i]] += 1;
  }
  std::vector<double> predictions;
  predictions.reserve(bins.judged.size());
  for (const std::size_t bin : bins.judged) {
    const double rows = counts[bin] + prior;
    predictions.push_back(rows > 0 ? (sums[bin] + prior * mean) / rows : mean);
  }
  return predictions;
}

double score_classes(const Bins& bins, std::span<const double> fitted, std::span<const double> judged,
                     std::size_t classes) {
  std::vector<std::size_t> counts(bins.count * classes, 0);
  std::vector<std::size_t> overall(classes, 0);
  for (std::size_t i = 0; i < fitted.size(); ++i) {
    ++counts[bins.fitted[i] * classes + static_cast<std::size_t>(fitted[i])];
    ++overall[static_cast<std::size_t>(fitted[i])];
  }
  const auto commonest = [](std::span<const std::size_t> of) {
    return static_cast<std::size_t>(std::ranges::max_element(of) - of.begin());
  };
  const std::size_t guess = commonest(overall);
  double errors = 0;
  double errors_of_guess = 0;
  for (std::size_t i = 0; i < judged.size(); ++i) {
    const std::span<const std::size_t> of_bin(counts.data() + bins.judged[i] * classes, classes);
    const bool is_seen = std::ranges::any_of(of_bin, [](std::size_t count) { return count > 0; });
    const auto truth = static_cast<std::size_t>(judged[i]);
    errors += (is_seen ? commonest(of_bin) : guess) != truth ? 1 : 0;
    errors_of_guess += guess != truth ? 1 : 0;
  }
  return errors_of_guess > 0 ? std::max(0.0, 1 - errors / errors_of_guess) : kNaN;
}

// R2 on the judged rows of the straight line through the fitted ones; a missing cell is predicted by the
// mean.
double score_line(const Column& column, const Halves& halves, std::span<const double> fitted,
                  std::span<const double> judged) {
  double count = 0;
  double mean_x = 0;
  double mean_y = 0;
  double xx = 0;
  double xy = 0;
  for (std::size_t i = 0; i < fitted.size(); ++i) {
    const double x = column.numbers[halves.fitted[i]];
    if (!std::isfinite(x)) continue;
    count += 1;
    const double step = x - mean_x;
    mean_x += step / count;
    mean_y += (fitted[i] - mean_y) / count;
    xx += step * (x - mean_x);
    xy += step * (fitted[i] - mean_y);
  }
  if (!(xx > 0) || !std::isfinite(xx)) return 0;
  std::vector<double> predictions;
  for (const RowIndex row : halves.judged) {
    const double x = column.numbers[row];
    predictions.push_back(std::isfinite(x) ? mean_y + xy / xx * (x - mean_x) : mean_y);
  }
  const double score = r_squared(judged, predictions);
  return std::isfinite(score) ? score : 0;
}

}  // namespace

Halves split_in_halves(std::span<const RowIndex> rows, Key key) {
  Halves halves;
  for (const RowIndex row : rows) {
    ((random_bits(key, row) & 1) == 0 ? halves.fitted : halves.judged).push_back(row);
  }
  return halves;
}

double score_alone(const Column& column, const Labels& labels, const Halves& halves) {
  if (std::min(halves.fitted.size(), halves.judged.size()) < kMinRows) return kNaN;
  const auto target = [&](RowIndex row) { return labels.values[row]; };
  std::vector<double> fitted;
  std::vector<double> judged;
  std::ranges::transform(halves.fitted, std::back_inserter(fitted), target);
  std::ranges::transform(halves.judged, std::back_inserter(judged), target);
  const Bins bins = column.is_numeric() ? bins_of_numbers(column, halves) : bins_of_cells(column, halves);
  if (labels.kind == TaskKind::multiclass) return score_classes(bins, fitted, judged, labels.classes);
  if (labels.kind == TaskKind::binary) {
    const auto positives = static_cast<std::size_t>(std::ranges::count(judged, 1.0));
    if (std::min(positives, judged.size() - positives) < kMinClassRows) return kNaN;
    const std::vector<double> predictions = predict_means(bins, fitted, 1);
    return find_metric("auc")->compute({.truth = judged, .prediction = predictions});
  }
  const double score = r_squared(judged, predict_means(bins, fitted, 0));
  if (!column.is_numeric() || std::isnan(score)) return score;
  return std::max(score, score_line(column, halves, fitted, judged));
}

std::string_view score_alone_name(TaskKind kind) {
  if (kind == TaskKind::binary) return "AUC";
  return kind == TaskKind::regression ? "R2" : "share of errors avoided";
}

}  // namespace astrolabe
