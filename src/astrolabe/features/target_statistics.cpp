// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/features/target_statistics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "astrolabe/features/checked_reads.h"
#include "astrolabe/features/encoder_catalog.h"

namespace astrolabe {
namespace {

constexpr double kPriorWeight = 10;  // rows
constexpr std::size_t kMaxStatistics = 9;
constexpr std::size_t kMaxNameBytes = std::size_t{64} << 20;

// Each row's place in a statistic: a level's index, or one of the two after the levels.
std::vector<std::uint32_t> places_at(const Column& column, std::span<const RowIndex> rows,
                                     const LevelIndex& levels) {
  const auto missing = static_cast<std::uint32_t>(levels.size());
  const std::uint32_t prior = missing + 1;
  const std::vector<std::int32_t> match = levels.match(column);
  std::vector<std::uint32_t> places;
  places.reserve(rows.size());
  for (const RowIndex row : rows) {
    const std::int32_t code = column.codes[row];
    if (code < 0) {
      places.push_back(missing);
    } else {
      const std::int32_t level = match[static_cast<std::size_t>(code)];
      places.push_back(level < 0 ? prior : static_cast<std::uint32_t>(level));
    }
  }
  return places;
}

// Weighted sums over the rows of each fold.
struct FoldSums {
  std::array<double, kStatisticsFolds> weight{};
  std::array<double, kStatisticsFolds> target{};

  void add(std::uint8_t fold, double w, double y) {
    weight[fold] += w;
    target[fold] += w * y;
  }
  // Over all folds but one; kStatisticsFolds: over all.
  [[nodiscard]] std::pair<double, double> without(std::uint8_t fold) const {
    double w = 0;
    double wy = 0;
    for (std::uint8_t i = 0; i < kStatisticsFolds; ++i) {
      if (i == fold) continue;
      w += weight[i];
      wy += target[i];
    }
    return {w, wy};
  }
};

struct Statistic {
  std::vector<double> values;       // [levels + 2], of all rows
  std::vector<double> out_of_fold;  // [rows]
};

double to_scale(double value, bool log_odds) {
  if (!log_odds) return value;
  const double share = std::clamp(value, 1e-6, 1 - 1e-6);
  return std::log(share / (1 - share));
}

// y of each row -> the statistic. `places` as in places_at.
Statistic collect(std::span<const std::uint32_t> places, std::size_t levels, const ColumnFit& fit,
                  const std::vector<double>& y, bool log_odds) {
  FoldSums everywhere;
  std::vector<FoldSums> sums(levels + 2);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const double weight = fit.labels.weight(i);
    everywhere.add(fit.folds[i], weight, y[i]);
    sums[places[i]].add(fit.folds[i], weight, y[i]);
  }
  sums[levels + 1] = {};  // rows of levels held once: they are the prior
  const auto smoothed = [&](std::uint32_t place, std::uint8_t fold) {
    const auto [all_weight, all_target] = everywhere.without(fold);
    const double prior = all_weight > 0 ? all_target / all_weight : 0;
    const auto [weight, target] = sums[place].without(fold);
    return to_scale((target + kPriorWeight * prior) / (weight + kPriorWeight), log_odds);
  };
  Statistic statistic;
  for (std::uint32_t place = 0; place < sums.size(); ++place) {
    statistic.values.push_back(smoothed(place, kStatisticsFolds));
  }
  for (std::size_t i = 0; i < places.size(); ++i) {
    statistic.out_of_fold.push_back(smoothed(places[i], fit.folds[i]));
  }
  return statistic;
}

// The classes that get a feature.
std::vector<std::size_t> tracked_classes(const Labels& labels) {
  std::vector<std::size_t> classes(labels.classes);
  std::iota(classes.begin(), classes.end(), 0);
  if (classes.size() <= kMaxStatistics + 1) return {classes.begin() + 1, classes.end()};
  std::vector<double> weight(labels.classes, 0.0);
  for (std::size_t i = 0; i < labels.rows(); ++i) {
    weight[static_cast<std::size_t>(labels.values[i])] += labels.weight(i);
  }
  std::stable_sort(classes.begin(), classes.end(),
                   [&](std::size_t a, std::size_t b) { return weight[a] > weight[b]; });
  classes.resize(kMaxStatistics);
  std::sort(classes.begin(), classes.end());
  return classes;
}

struct Target {
  std::string name;
  std::vector<double> y;  // [rows]
};

std::vector<Target> targets_of(const std::string& column, const Labels& labels) {
  if (labels.kind == TaskKind::regression) return {{column + ".target_mean", labels.values}};
  std::vector<Target> targets;
  for (const std::size_t tracked : tracked_classes(labels)) {
    Target target{
        labels.classes == 2 ? column + ".target_share" : fmt::format("{}.target_share_{}", column, tracked),
        {}};
    for (const double value : labels.values) {
      target.y.push_back(value == static_cast<double>(tracked) ? 1.0 : 0.0);
    }
    targets.push_back(std::move(target));
  }
  return targets;
}

std::vector<double> look_up(const std::vector<double>& values, std::span<const std::uint32_t> places) {
  std::vector<double> found;
  found.reserve(places.size());
  for (const std::uint32_t place : places) found.push_back(values[place]);
  return found;
}

}  // namespace

std::vector<std::uint8_t> deal_folds(const Labels& labels, Key key) {
  std::vector<std::uint32_t> order(labels.rows());
  std::iota(order.begin(), order.end(), 0U);
  RandomStream random(key);
  random.shuffle(order);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return labels.values[a] < labels.values[b]; });
  std::vector<std::uint8_t> folds(labels.rows());
  std::array<std::uint8_t, kStatisticsFolds> hand{};
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i % kStatisticsFolds == 0) {
      std::iota(hand.begin(), hand.end(), std::uint8_t{0});
      random.shuffle(hand);
    }
    folds[order[i]] = hand[i % kStatisticsFolds];
  }
  return folds;
}

TargetStatisticsEncoder::TargetStatisticsEncoder(const std::string& column, LevelIndex levels,
                                                 std::vector<LevelStatistic> statistics)
    : levels_(std::move(levels)), statistics_(std::move(statistics)) {
  for (const LevelStatistic& statistic : statistics_) {
    statistic.scaling.describe(statistic.name, column, features_);
  }
}

EncoderKind TargetStatisticsEncoder::kind() const {
  return EncoderKind::target_statistics;
}

std::vector<FeatureColumn> TargetStatisticsEncoder::encode(const Column& column,
                                                           std::span<const RowIndex> rows) const {
  const std::vector<std::uint32_t> places = places_at(column, rows, levels_);
  std::vector<FeatureColumn> columns;
  for (const LevelStatistic& statistic : statistics_) {
    statistic.scaling.encode(look_up(statistic.values, places), columns);
  }
  return columns;
}

void TargetStatisticsEncoder::save(ArchiveWriter& archive) const {
  levels_.save(archive);
  archive.put<std::uint8_t>(static_cast<std::uint8_t>(statistics_.size()));
  for (const LevelStatistic& statistic : statistics_) {
    archive.put_text(statistic.name);
    archive.put_array<double>(statistic.values);
    statistic.scaling.save(archive);
  }
}

std::unique_ptr<const ColumnEncoder> TargetStatisticsEncoder::load(ArchiveReader& archive,
                                                                   const WantedColumn& column) {
  LevelIndex levels = LevelIndex::load(archive);
  const auto count = archive.get_between<std::uint8_t>(1, kMaxStatistics, "the number of target statistics");
  std::vector<LevelStatistic> statistics;
  for (std::uint8_t i = 0; i < count; ++i) {
    LevelStatistic& statistic = statistics.emplace_back();
    statistic.name = archive.get_text(kMaxNameBytes);
    statistic.values = archive.get_array<double>(levels.size() + 2);
    if (statistic.values.size() != levels.size() + 2) ArchiveReader::damaged("a target statistic");
    for (const double value : statistic.values) {
      if (!std::isfinite(value)) ArchiveReader::damaged("a target statistic");
    }
    statistic.scaling = NumberScaling::load(archive);
  }
  return std::make_unique<TargetStatisticsEncoder>(column.name, std::move(levels), std::move(statistics));
}

FittedColumn fit_target_statistics(const ColumnFit& fit) {
  const LevelCounts counts = count_levels(fit.column, fit.rows);
  std::vector<std::string> names;
  for (const std::uint32_t code : commonest_levels(fit.column, counts, 2, kMaxLevels)) {
    names.push_back(fit.column.levels[code]);
  }
  LevelIndex levels(std::move(names));
  const std::vector<std::uint32_t> places = places_at(fit.column, fit.rows, levels);
  const bool log_odds = fit.needs.standardized && fit.labels.kind != TaskKind::regression;

  std::vector<LevelStatistic> statistics;
  FittedColumn fitted;
  for (Target& target : targets_of(fit.column.name, fit.labels)) {
    Statistic statistic = collect(places, levels.size(), fit, target.y, log_odds);
    const std::optional<NumberScaling> scaling = NumberScaling::fit(statistic.out_of_fold, fit.needs);
    if (!scaling) continue;
    scaling->encode(statistic.out_of_fold, fitted.train);
    statistics.push_back({std::move(target.name), std::move(statistic.values), *scaling});
  }
  if (statistics.empty()) return {};
  fitted.encoder =
      std::make_unique<TargetStatisticsEncoder>(fit.column.name, std::move(levels), std::move(statistics));
  return fitted;
}

}  // namespace astrolabe
