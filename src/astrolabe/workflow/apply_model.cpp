// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/apply_model.h"

#include <algorithm>
#include <iterator>
#include <numeric>

#include <fmt/format.h>

#include "astrolabe/base/csv.h"
#include "astrolabe/base/error.h"
#include "astrolabe/base/file.h"
#include "astrolabe/base/text.h"
#include "astrolabe/data/writer.h"
#include "astrolabe/stats/ranking_metric.h"
#include "astrolabe/workflow/out_of_fold.h"
#include "astrolabe/workflow/task_setup.h"

namespace astrolabe {
namespace {

std::size_t likeliest(const Predictions& predictions, std::size_t row) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < predictions.task.classes.size(); ++i) {
    if (predictions.probability(row, i) > predictions.probability(row, best)) best = i;
  }
  return best;
}

void add_contributions(const Predictions& predictions, std::vector<OutputColumn>& columns) {
  if (!predictions.contributions) return;
  const Contributions& moved = *predictions.contributions;
  for (std::size_t output = 0; output < moved.outputs; ++output) {
    const std::string of = moved.outputs > 1 ? ":" + predictions.task.classes[output] : "";
    columns.push_back({"expected_score" + of, std::vector<double>(predictions.rows, moved.expected[output])});
    for (std::size_t column = 0; column < moved.columns.size(); ++column) {
      std::vector<double> values(predictions.rows);
      for (std::size_t row = 0; row < predictions.rows; ++row) values[row] = moved.of(row, output, column);
      columns.push_back({"contribution" + of + ":" + moved.columns[column], std::move(values)});
    }
  }
}

// What was predicted, and how surely.
std::vector<OutputColumn> answer_columns(const Predictions& predictions) {
  const bool is_regression = predictions.task.kind == TaskKind::regression;
  std::vector<OutputColumn> columns;
  if (is_regression) {
    columns.push_back({"prediction", predictions.values});
  } else {
    columns.push_back({"prediction", predictions.labels});
  }
  for (std::size_t i = 0; i < predictions.task.classes.size(); ++i) {
    std::vector<double> probability(predictions.rows);
    for (std::size_t row = 0; row < predictions.rows; ++row)
      probability[row] = predictions.probability(row, i);
    columns.push_back({"probability:" + predictions.task.classes[i], std::move(probability)});
  }
  if (!is_regression || !predictions.range) return columns;
  std::vector<double> low = predictions.values, high = predictions.values;
  for (std::size_t row = 0; row < predictions.rows; ++row) {
    const double unit = predictions.spread.empty() ? 1 : predictions.spread[row];
    low[row] += predictions.range->low * unit;
    high[row] += predictions.range->high * unit;
  }
  columns.push_back({"low", std::move(low)});
  columns.push_back({"high", std::move(high)});
  return columns;
}

// A set of pictures, or one: its pictures are known by their files' names.
bool has_files(const std::filesystem::path& data) {
  return is_picture_set(data) || data.extension() == ".png" || data.extension() == ".jpg" ||
         data.extension() == ".jpeg";
}

void say_which_part(const ReadResult& read, std::vector<std::string>& notes) {
  if (read.test_part.empty()) return;
  notes.push_back(fmt::format(
      "{}, the test part of the set, is read; name a file or a folder in it to read others", read.test_part));
}

// The table that a prediction file holds, whatever its format.
std::vector<OutputColumn> columns_of(const Predictions& predictions) {
  std::vector<OutputColumn> columns = answer_columns(predictions);
  add_contributions(predictions, columns);
  if (!predictions.files.empty()) columns.push_back({std::string(kPictureFile), predictions.files});
  return columns;
}

WantedColumn target_column(const Task& task) {
  return {task.target, task.kind == TaskKind::regression ? ColumnType::number : ColumnType::category};
}

}  // namespace

double Predictions::probability(std::size_t row, std::size_t index) const {
  if (task.kind == TaskKind::binary) return index == 1 ? values[row] : 1 - values[row];
  return values[row * task.classes.size() + index];
}

Predictions predict_file(const ShippedModel& model, const std::filesystem::path& data, Header header,
                         ThreadPool& pool, bool with_contributions) {
  ReadOptions reading;
  reading.header = header;
  reading.part = SetPart::test;
  std::vector<WantedColumn> optional;
  if (has_files(data))
    optional.push_back({.name = std::string(kPictureFile), .type = ColumnType::identifier});
  // A model that found nothing to go by wants no column; then only the number of rows counts.
  const ReadResult read = model.wanted_columns().empty()
                              ? read_table(data, reading, pool)
                              : read_table_as(data, model.wanted_columns(), optional, reading, pool);
  Predictions predictions{.task = model.card().task,
                          .labels = {},
                          .values = model.predict(read.table, pool),
                          .range = model.card().range,
                          .spread = model.spread(read.table, pool),
                          .notes = read.notes,
                          .rows = read.table.rows()};
  say_which_part(read, predictions.notes);
  if (const auto files = read.table.find(kPictureFile); files && !optional.empty())
    for (std::size_t row = 0; row < predictions.rows; ++row)
      predictions.files.push_back(read.table.column(*files).cell(row));
  if (with_contributions) predictions.contributions = find_contributions(model, read.table, pool);
  if (predictions.task.kind == TaskKind::regression) return predictions;
  for (std::size_t row = 0; row < predictions.rows; ++row) {
    predictions.labels.push_back(predictions.task.classes[likeliest(predictions, row)]);
  }
  return predictions;
}

std::string predictions_csv(const Predictions& predictions) {
  const std::vector<OutputColumn> columns = columns_of(predictions);
  std::string csv;
  auto out = std::back_inserter(csv);
  for (std::size_t i = 0; i < columns.size(); ++i)
    fmt::format_to(out, "{}{}", i == 0 ? "" : ",", csv_cell(columns[i].name));
  csv += '\n';
  for (std::size_t row = 0; row < predictions.rows; ++row) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) csv += ',';
      if (const auto* numbers = std::get_if<std::vector<double>>(&columns[i].cells)) {
        fmt::format_to(out, "{}", (*numbers)[row]);
      } else {
        csv += csv_cell(std::get<std::vector<std::string>>(columns[i].cells)[row]);
      }
    }
    csv += '\n';
  }
  return csv;
}

PredictionFormat prediction_format(const std::filesystem::path& path) {
  if (path.extension() == ".csv") return PredictionFormat::csv;
  if (path.extension() == ".parquet") return PredictionFormat::parquet;
  throw usage_error({.attempted = "writing " + path.string(),
                     .expected = "a name that ends in .csv or .parquet",
                     .found = "'" + path.extension().string() + "'",
                     .remedy = "Rename the file."});
}

void write_predictions(const Predictions& predictions, const std::filesystem::path& path) {
  if (prediction_format(path) == PredictionFormat::parquet) {
    write_parquet(path, columns_of(predictions));
  } else {
    write_file_atomically(path, predictions_csv(predictions));
  }
}

ModelScore score_file(const ShippedModel& model, const std::filesystem::path& data, Header header,
                      ThreadPool& pool) {
  const Task& task = model.card().task;
  std::vector<WantedColumn> wanted = model.wanted_columns();
  wanted.push_back(target_column(task));
  if (!task.weight.empty()) wanted.push_back({task.weight, ColumnType::number});
  if (task.is_ranking()) wanted.push_back({task.group, ColumnType::category});
  ReadOptions reading;
  reading.header = header;
  reading.part = SetPart::test;
  ReadResult read = read_table_as(data, wanted, {}, reading, pool);

  const std::vector<RowIndex> usable = usable_rows(read.table, task);
  if (usable.empty()) {
    throw bad_input({.attempted = "scoring " + data.string(),
                     .expected = "rows with a value in " + task.target,
                     .found = "none",
                     .remedy = "Score a file that has the target; predict needs none."});
  }
  ModelScore score{.rows = usable.size(), .groups = 0, .metrics = {}, .notes = read.notes};
  say_which_part(read, score.notes);
  if (usable.size() < read.table.rows()) {
    score.notes.push_back(fmt::format("{} of {} rows have no usable target: left out",
                                      format_count(read.table.rows() - usable.size()),
                                      format_count(read.table.rows())));
    read.table = read.table.take_rows(usable);
  }
  const Labels labels = labels_of(read.table, task, data.string());
  score.groups = group_rows(labels.groups, {}).size();
  std::vector<RowIndex> all(read.table.rows());
  std::iota(all.begin(), all.end(), RowIndex{0});
  const JudgedRows judged = judge(all, model.predict(read.table, pool), labels);
  const Key key = Key::from_seed(model.card().seed).split("score");
  for (const Metric& metric : metrics()) {
    if (!task.suits(metric)) continue;
    const auto at = metric.name == task.metric ? score.metrics.begin() : score.metrics.end();
    score.metrics.insert(
        at, {std::string(metric.name), estimate(metric, judged.scored(), key.split(metric.name))});
  }
  return score;
}

}  // namespace astrolabe
