// SPDX-License-Identifier: Apache-2.0
// Results of runs that never were, with all that a page can draw.
//
//   const std::string page = run_report_html(run_of_classes(26));
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "astrolabe/base/random.h"
#include "astrolabe/report/run_result.h"

namespace astrolabe::testing {

struct SampleRows {
  std::vector<double> truth, prediction;
  std::size_t outputs = 1;

  [[nodiscard]] Scored scored() const {
    return {.truth = truth, .prediction = prediction, .outputs = outputs};
  }
};

inline SampleRows rows_of_classes(std::size_t rows, std::size_t classes, double sure) {
  RandomStream random(Key::from_seed(5));
  SampleRows sample;
  sample.outputs = classes == 2 ? 1 : classes;
  for (std::size_t row = 0; row < rows; ++row) {
    const auto truth = static_cast<std::size_t>(random.uniform() * static_cast<double>(classes));
    sample.truth.push_back(static_cast<double>(truth));
    if (classes == 2) {
      const double z = (truth == 1 ? 1.2 : -1.2) + 1.3 * random.normal();
      sample.prediction.push_back(1 / (1 + std::exp(-sure * z)));
      continue;
    }
    std::vector<double> p(classes);
    for (double& one : p) one = std::exp(sure * random.normal());
    p[truth] *= std::exp(3.5 * sure);
    p[(truth * 7 + 3) % classes] *= std::exp(1.5 * sure);
    const double total = std::accumulate(p.begin(), p.end(), 0.0);
    for (const double one : p) sample.prediction.push_back(one / total);
  }
  return sample;
}

inline Estimate around(double value, double reach, const char* method) {
  return {.value = value, .low = value - reach, .high = value + reach, .method = method};
}

// A curve that falls, and rises again for the watched rows.
inline FitCurve falling_curve(const char* unit, std::uint64_t steps, double floor) {
  FitCurve curve{.unit = unit, .steps = {}, .best_step = steps * 3 / 4};
  for (std::uint64_t step = 1; step <= steps; ++step) {
    if (!FitCurve::is_told(step)) continue;
    const double t = static_cast<double>(step) / static_cast<double>(steps);
    curve.steps.push_back({step, floor * std::exp(-0.5 * t) + 0.4 * std::exp(-9 * t),
                           floor + 0.05 * t * t + 0.4 * std::exp(-9 * t)});
  }
  return curve;
}

inline void add_board(RunResult& result, double score, double reach) {
  const std::array<const char*, 4> names = {"mean of trees and mlp", "trees", "mlp", "baseline"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    LeaderboardRow row;
    row.system = names[i];
    row.learner = i == 0 ? "" : names[i];
    row.validation = around(score - (i == 3 ? 0.4 : 0.004 * static_cast<double>(i)), reach, "DeLong");
    row.is_best = i == 0;
    row.is_tie = i == 1;
    if (i > 0) row.to_best = Difference{.effect = around(-0.004, 0.003, "DeLong"), .p_value = 0.02};
    row.folds = row.folds_done = 5;
    row.seconds = 3.5;
    row.note = "312 trees of 31 leaves on average";
    result.leaderboard.push_back(row);
  }
  result.system = names[0];
  result.validation = result.leaderboard[0].validation;
  Ensemble ensemble{.members = {}, .is_stack = false, .correlation = {1, 0.87, 0.87, 1}, .rows = 26049};
  for (std::size_t i = 1; i < 3; ++i)
    ensemble.members.push_back({.system = names[i],
                                .learner = names[i],
                                .weight = i == 1 ? 0.69 : 0.31,
                                .validation = result.leaderboard[i].validation,
                                .fold_scores = {0.92, 0.93, 0.925, 0.931, 0.924}});
  result.ensemble = ensemble;
  result.fits = {
      {.system = "trees", .folds = {falling_curve("round", 400, 0.3), falling_curve("round", 330, 0.31)}},
      {.system = "mlp", .folds = {falling_curve("epoch", 40, 0.33)}}};
  result.importance = {{"age", 0.5}, {"hours", 0.3}, {"education", 0.2}};
}

inline RunResult run_result(TaskKind kind) {
  RunResult result;
  result.command = "astrolabe run sample.csv --target income --time 60s";
  result.version = "0.1.0";
  result.data_path = "sample.csv";
  result.data_format = "CSV";
  result.split = "random";
  result.task = {.kind = kind, .target = "income", .classes = {}, .metric = "rmse"};
  result.task_reason = "income is what was asked for";
  result.rows = result.rows_used = 32561;
  result.rows_sealed = 6512;
  result.time_limit = 60;
  result.seconds = 58;
  return result;
}

inline RunResult run_of_classes(std::size_t classes, std::size_t rows = 3000) {
  RunResult result = run_result(classes == 2 ? TaskKind::binary : TaskKind::multiclass);
  result.task.metric = classes == 2 ? "auc" : "log_loss";
  for (std::size_t i = 0; i < classes; ++i)
    result.task.classes.push_back(classes <= 26 ? std::string(1, static_cast<char>('A' + i))
                                                : fmt::format("class {}", i));
  const SampleRows said = rows_of_classes(rows, classes, 1), before = rows_of_classes(rows, classes, 1.6);
  HonestScore honest;
  honest.label = "sealed";
  honest.rows = rows;
  const Metric& metric = *find_metric(result.task.metric);
  honest.primary = estimate(metric, said.scored(), Key::from_seed(1));
  for (const char* name : {"accuracy", "brier"})
    honest.others.emplace_back(name, estimate(*find_metric(name), said.scored(), Key::from_seed(1)));
  Reliability reliability;
  if (classes == 2) {
    honest.roc = roc_curve(said.scored());
    honest.average_precision = average_precision(said.scored());
    honest.thresholds = threshold_scores(said.scored(), std::array{0.1, 0.3, 0.5, 0.7, 0.9});
    reliability.bins = calibration_curve(said.scored());
    reliability.before = calibration_curve(before.scored());
  } else {
    const Confidences sure = confidences(said.scored()), surer = confidences(before.scored());
    reliability.bins = calibration_curve(sure.scored());
    reliability.before = calibration_curve(surer.scored());
  }
  reliability.brier = find_metric("brier")->compute(said.scored());
  reliability.brier_before = find_metric("brier")->compute(before.scored());
  for (std::size_t i = 0; i < 20; ++i) reliability.histogram.push_back(static_cast<double>(20 + i * i));
  honest.reliability = reliability;
  honest.confusion = confusion(said.scored());
  honest.classes = class_scores(said.scored());
  result.honest = honest;
  result.calibration = {
      .kind = "temperature", .power = 1.13, .log_loss_before = 0.31, .log_loss_after = 0.29};
  add_board(result, honest.primary.value, 0.004);
  return result;
}

inline RunResult run_of_numbers(std::size_t rows = 1000) {
  RunResult result = run_result(TaskKind::regression);
  RandomStream random(Key::from_seed(3));
  HonestScore honest;
  honest.label = "resampled";
  honest.rows = rows;
  honest.primary = around(0.45, 0.02, "Student t");
  honest.others = {{"r2", around(0.84, 0.01, "bootstrap")}};
  for (std::size_t i = 0; i < rows; ++i) {
    const double truth = 5 * random.uniform();
    const double prediction = truth + 0.4 * random.normal();
    honest.residuals.emplace_back(prediction, truth - prediction);
  }
  Coverage coverage{.promised = 0.9, .all = {0, 5, rows, around(0.904, 0.012, "Wilson")}, .slices = {}};
  for (std::size_t i = 0; i < 5; ++i)
    coverage.slices.push_back({static_cast<double>(i), static_cast<double>(i + 1), rows / 5,
                               around(0.96 - 0.03 * static_cast<double>(i), 0.02, "Wilson")});
  honest.coverage = coverage;
  honest.error_quantiles = {{0.5, 0.27}, {0.9, 0.66}, {0.99, 1.03}, {1.0, 1.4}};
  result.honest = honest;
  add_board(result, 0.45, 0.02);
  return result;
}

}  // namespace astrolabe::testing
