// SPDX-License-Identifier: Apache-2.0
// The first pass over the rows: what the targets look like, and a sample of rows to choose lengths, landmarks
// and penalties by.
//
//   const std::optional<Survey> survey = survey_rows(rows, 2000, key, pool, budget);
//   survey->sample.x   // [2000, features], in an order drawn by key
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "astrolabe/base/budget.h"
#include "astrolabe/learners/kernel/fit_rows.h"
#include "astrolabe/model/task.h"

namespace astrolabe::kernel {

struct Sample {
  std::size_t rows = 0;
  std::vector<float> x;         // [rows, features], unscaled
  std::vector<double> values;   // [rows] targets
  std::vector<double> weights;  // [rows] > 0
};

struct Survey {
  TaskKind kind = TaskKind::regression;
  std::size_t classes = 0;
  bool counts_alike = false;  // all rows weigh nothing, and so count alike
  double weight = 0;          // of all rows, as they count
  double mean = 0;            // of the targets; 0 for classes
  double deviation = 0;       // their standard deviation
  double lowest = 0, highest = 0;
  std::vector<double> class_weights;  // [classes]
  Sample sample;

  // How much a row counts.
  [[nodiscard]] double weight_of(const Labels& labels, std::size_t row) const {
    return counts_alike ? 1.0 : labels.weight(row);
  }
};

// The sample has up to `wanted` rows that count, uniformly drawn: those of the smallest random numbers by key
// and row. Nothing when the budget ended before the pass did. One pass, or two where no row weighs anything.
[[nodiscard]] std::optional<Survey> survey_rows(const FitRows& rows, std::size_t wanted, Key key,
                                                ThreadPool& pool, const Budget& budget);

}  // namespace astrolabe::kernel
