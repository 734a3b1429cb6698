// SPDX-License-Identifier: Apache-2.0
// Scores of out-of-fold predictions, on all rows they judged or on those that two candidates share.
#pragma once

#include <span>
#include <vector>

#include "astrolabe/evaluate/cross_validation.h"
#include "astrolabe/model/task.h"
#include "astrolabe/stats/interval.h"
#include "astrolabe/stats/metric.h"

namespace astrolabe {

// Truth, prediction, weight and group of some rows, kept together so that a `Scored` can look at them.
struct JudgedRows {
  std::vector<double> truth, prediction, weight;
  std::size_t outputs = 1;
  std::vector<std::uint32_t> groups = {};

  [[nodiscard]] Scored scored() const {
    return {.truth = truth, .prediction = prediction, .outputs = outputs, .weight = weight, .groups = groups};
  }
};
// `rows` index `labels`; `prediction` is [rows * outputs].
[[nodiscard]] JudgedRows judge(std::span<const RowIndex> rows, std::span<const double> prediction,
                               const Labels& labels);
[[nodiscard]] double score_rows(const Metric& metric, std::span<const RowIndex> rows,
                                std::span<const double> prediction, const Labels& labels);

// The predictions of `a` for the rows that `b` judged too (both lists ascend).
[[nodiscard]] std::vector<RowIndex> common_rows(std::span<const RowIndex> a, std::span<const RowIndex> b);
[[nodiscard]] JudgedRows judge_some(const CrossValidation& validation, std::span<const RowIndex> some,
                                    const Labels& labels);

// True when the challenger scores better on the rows that both judged. One that judged fewer rows must win by
// more than the noise: its paired interval has to exclude zero.
[[nodiscard]] bool beats(const Metric& metric, const CrossValidation& challenger,
                         const CrossValidation& champion, const Labels& labels);

}  // namespace astrolabe
