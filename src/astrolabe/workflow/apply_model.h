// SPDX-License-Identifier: Apache-2.0
// What a model file is for: predicting new rows, scoring labelled ones, showing what it is.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "astrolabe/base/thread_pool.h"
#include "astrolabe/data/reader.h"
#include "astrolabe/pipeline/contributions.h"
#include "astrolabe/pipeline/shipped_model.h"
#include "astrolabe/stats/interval.h"

namespace astrolabe {

// [rows]: what a prediction file holds, one entry per input row, in order.
struct Predictions {
  Task task;
  std::vector<std::string> labels;       // classification: the likeliest class
  std::vector<double> values;            // [rows * outputs] as ShippedModel::predict gives them
  std::optional<PredictionRange> range;  // regression
  std::vector<double> spread;            // [rows] what its ends are multiples of; empty: of 1
  std::vector<std::string> notes;        // unseen things, ignored columns
  std::size_t rows = 0;
  std::vector<std::string> files = {};              // of pictures that are files of their own, their names
  std::optional<Contributions> contributions = {};  // when they were asked for

  // Probability of class `index` in a row; binary models store that of class 1 only.
  [[nodiscard]] double probability(std::size_t row, std::size_t index) const;
};
// Throws bad_input for a damaged model, an unreadable file, a column that the model needs and the file lacks;
// where contributions are wanted, what find_contributions throws.
[[nodiscard]] Predictions predict_file(const ShippedModel& model, const std::filesystem::path& data,
                                       Header header, ThreadPool& pool, bool with_contributions = false);
// `prediction`, then `probability:<class>` or `low,high`, then `expected_score` and `contribution:<column>`;
// of several classes `expected_score:<class>` and `contribution:<class>:<column>`. Classes are neutralised
// against spreadsheet formulas. Of pictures in a folder last: `file`.
[[nodiscard]] std::string predictions_csv(const Predictions& predictions);
enum class PredictionFormat { csv, parquet };
// By the file's ending: .csv or .parquet; anything else is a usage_error.
[[nodiscard]] PredictionFormat prediction_format(const std::filesystem::path& path);
// The same table in the format of the file's ending; written atomically.
void write_predictions(const Predictions& predictions, const std::filesystem::path& path);

struct ModelScore {
  std::size_t rows = 0;
  std::size_t groups = 0;                                 // of a ranking
  std::vector<std::pair<std::string, Estimate>> metrics;  // by name; the task's own first
  std::vector<std::string> notes;
};
// Throws bad_input also for labels that the model does not know.
[[nodiscard]] ModelScore score_file(const ShippedModel& model, const std::filesystem::path& data,
                                    Header header, ThreadPool& pool);

}  // namespace astrolabe
