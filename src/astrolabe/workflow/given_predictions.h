// SPDX-License-Identifier: Apache-2.0
// Predictions that somebody left in the columns of a table, as metrics want them.
//
//   const GivenPredictions given = read_predictions(table, task, "probability");
//   metric.compute({.truth = labels.values, .prediction = given.values, .outputs = task.outputs()});
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "astrolabe/data/table.h"
#include "astrolabe/model/task.h"

namespace astrolabe {

enum class PredictionForm : std::uint8_t {
  value,          // a number for a number
  probability,    // of classes
  label,          // a class: certainty without degrees
  ranking_score,  // of two classes, larger where the positive one is likelier, on no known scale
};

struct GivenPredictions {
  std::vector<double> values;  // [rows, task.outputs()]
  PredictionForm form = PredictionForm::value;
  std::vector<std::string> columns;  // where they stood
};

// `name` is a column, or the first part of NAME:CLASS for every class (of two, the positive one is enough);
// empty looks for probability:CLASS and then for prediction. Throws bad_input that says which row is at
// fault.
[[nodiscard]] GivenPredictions read_predictions(const Table& table, const Task& task,
                                                const std::string& name);

}  // namespace astrolabe
