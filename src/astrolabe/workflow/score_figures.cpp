// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/score_figures.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "astrolabe/stats/ranking_metric.h"

namespace astrolabe {
namespace {

constexpr std::size_t kDrawnResiduals = 1000;
constexpr std::size_t kMostSlices = 5;
constexpr std::size_t kRowsPerSlice = 20;
constexpr std::array kThresholds = {0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95};

std::vector<std::pair<double, double>> residuals_to_draw(const JudgedRows& judged, Key key) {
  std::vector<std::size_t> rows(judged.truth.size());
  std::iota(rows.begin(), rows.end(), 0);
  if (rows.size() > kDrawnResiduals) {
    RandomStream(key).shuffle(rows);
    rows.resize(kDrawnResiduals);
    std::sort(rows.begin(), rows.end());
  }
  std::vector<std::pair<double, double>> residuals;
  for (const std::size_t row : rows) {
    residuals.emplace_back(judged.prediction[row], judged.truth[row] - judged.prediction[row]);
  }
  return residuals;
}

std::vector<std::pair<double, double>> error_quantiles(const JudgedRows& judged) {
  std::vector<double> errors;
  for (std::size_t row = 0; row < judged.truth.size(); ++row)
    errors.push_back(std::abs(judged.truth[row] - judged.prediction[row]));
  std::ranges::sort(errors);
  std::vector<std::pair<double, double>> quantiles;
  for (const double share : {0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0}) {
    const auto place = static_cast<std::size_t>(std::ceil(share * static_cast<double>(errors.size())));
    if (!errors.empty()) quantiles.emplace_back(share, errors[std::max<std::size_t>(place, 1) - 1]);
  }
  return quantiles;
}

std::vector<double> histogram_of(const Scored& binary) {
  constexpr std::size_t kBins = 20;
  std::vector<double> counts(kBins, 0.0);
  for (std::size_t row = 0; row < binary.rows(); ++row) {
    const double place = std::clamp(binary.prediction[row], 0.0, 1.0) * static_cast<double>(kBins);
    counts[std::min(static_cast<std::size_t>(place), kBins - 1)] +=
        binary.weight.empty() ? 1 : binary.weight[row];
  }
  return counts;
}

Reliability reliability_of(const Scored& scored, std::span<const double> uncalibrated) {
  const Metric& brier = *find_metric("brier");
  // Of several classes the question is whether the likeliest one was right.
  const auto as_binary = [&](const Scored& any, const auto& use) {
    if (any.outputs == 1) return use(any);
    const Confidences sure = confidences(any);
    return use(sure.scored());
  };
  const auto bins = [](const Scored& binary) { return calibration_curve(binary); };
  Reliability found{.bins = as_binary(scored, bins),
                    .before = {},
                    .histogram = as_binary(scored, histogram_of),
                    .brier = brier.compute(scored)};
  if (uncalibrated.empty()) return found;
  Scored before = scored;
  before.prediction = uncalibrated;
  found.before = as_binary(before, bins);
  found.brier_before = brier.compute(before);
  return found;
}

CoverageSlice slice_of(const JudgedRows& judged, const JudgedPredictions& predicted,
                       std::span<const std::size_t> rows) {
  CoverageSlice slice{.low = judged.prediction[rows.front()],
                      .high = judged.prediction[rows.back()],
                      .rows = rows.size(),
                      .share = {}};
  const auto held = std::ranges::count_if(rows, [&](std::size_t row) {
    return predicted.low[row] <= judged.truth[row] && judged.truth[row] <= predicted.high[row];
  });
  slice.share = wilson_interval(static_cast<double>(held), static_cast<double>(rows.size()));
  return slice;
}

std::optional<Coverage> coverage_of(const JudgedRows& judged, const JudgedPredictions& predicted) {
  if (predicted.low.empty()) return std::nullopt;
  std::vector<std::size_t> order(judged.truth.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t row) { return judged.prediction[row]; });
  Coverage coverage{.promised = predicted.coverage, .all = slice_of(judged, predicted, order), .slices = {}};
  const std::size_t slices = std::min(kMostSlices, order.size() / kRowsPerSlice);
  for (std::size_t i = 0; slices > 1 && i < slices; ++i) {
    const std::size_t begin = order.size() * i / slices, end = order.size() * (i + 1) / slices;
    coverage.slices.push_back(slice_of(judged, predicted, std::span(order).subspan(begin, end - begin)));
  }
  return coverage;
}

}  // namespace

void add_figures(HonestScore& score, const Task& task, const JudgedRows& judged,
                 const JudgedPredictions& predicted, Key key) {
  const Scored scored = judged.scored();
  if (task.is_ranking()) {
    score.groups = group_rows(scored.groups, scored.weight).size();
    return;
  }
  if (task.kind == TaskKind::regression) {
    score.residuals = residuals_to_draw(judged, key.split("residuals"));
    score.error_quantiles = error_quantiles(judged);
    score.coverage = coverage_of(judged, predicted);
    return;
  }
  if (task.kind == TaskKind::binary) {
    score.roc = roc_curve(scored);
    score.average_precision = average_precision(scored);
    score.thresholds = threshold_scores(scored, kThresholds);
  }
  score.reliability = reliability_of(scored, predicted.uncalibrated);
  score.confusion = confusion(scored);
  score.classes = class_scores(scored);
}

}  // namespace astrolabe
