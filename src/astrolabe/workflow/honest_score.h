// SPDX-License-Identifier: Apache-2.0
// The score that counts: on sealed rows, a test file, or by nested resampling.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "astrolabe/base/progress.h"
#include "astrolabe/report/run_result.h"
#include "astrolabe/workflow/out_of_fold.h"
#include "astrolabe/workflow/selection.h"

namespace astrolabe {

// What a model says of some rows, and what it would say without its calibration.
struct JudgedPredictions {
  std::vector<double> values = {};          // [rows * outputs]
  std::vector<double> uncalibrated = {};    // [rows * outputs]; empty where nothing is calibrated
  std::vector<double> low = {}, high = {};  // [rows] of ranges; empty: no ranges
  double coverage = 0;                      // that the ranges promise

  void append(JudgedPredictions more);
};
[[nodiscard]] JudgedPredictions predict_to_judge(const ShippedModel& model, const Table& rows,
                                                 ThreadPool& pool);

// All metrics that fit the task, and the curves to draw, of predictions that nothing selected on.
// `predicted.values` are those of `judged`.
[[nodiscard]] HonestScore score_honestly(const Task& task, const JudgedRows& judged, std::string label,
                                         Key key, const JudgedPredictions& predicted = {});

// How many folds to cut `rows` into: as wanted, with four rows each if there are so many, and as many as the
// rule allows. Below 2 there can be none.
[[nodiscard]] std::size_t fold_count(const Table& split_table, std::span<const RowIndex> rows,
                                     const SplitRule& rule, std::size_t wanted);

// Below 1,000 rows nothing can be sealed: the whole selection is repeated inside outer folds, and each outer
// fold judges a system that was chosen without it. Nothing when not one outer fold could be judged: no time,
// or too few rows, groups or moments. Source: Cawley & Talbot, "On over-fitting in model selection", JMLR
// 2010; interval: Nadeau & Bengio 2003.
struct InnerSelection {
  const Table& table;
  const Labels& labels;
  std::span<const Fold> folds;
  Key key;
  const Budget& budget;
  Progress& progress;
};
struct ResamplingRequest {
  const Table& table;
  const Labels& labels;
  const Task& task;
  const Table& split_table;  // has the split rule's column
  const SplitRule& rule;
  std::span<const int> strata;
  // The whole selection, on other rows: what is judged by being repeated.
  std::function<Selection(const InnerSelection&)> select;
  Key key;
  ThreadPool& pool;
  const Budget& budget;
  Progress& progress;
};
[[nodiscard]] std::optional<HonestScore> score_by_resampling(const ResamplingRequest& request);

}  // namespace astrolabe
