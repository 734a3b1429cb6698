// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/given_predictions.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <ranges>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"

namespace astrolabe {
namespace {

[[noreturn]] void refuse(const Column& column, std::size_t row, const std::string& expected) {
  throw bad_input(
      {.attempted = fmt::format("reading the predictions in column {}", column.name),
       .expected = expected,
       .found = column.is_missing(row)
                    ? fmt::format("nothing in row {}", format_count(row + 1))
                    : fmt::format("'{}' in row {}", column.cell(row), format_count(row + 1)),
       .remedy = "Give the column with --prediction or --baseline, and a row for every prediction."});
}

double number_at(const Column& column, std::size_t row) {
  const std::optional<double> number =
      column.is_numeric() ? column.numbers[row] : parse_number(column.cell(row));
  if (!number || !std::isfinite(*number)) refuse(column, row, "a finite number in every row");
  return *number;
}

GivenPredictions numbers_of(const Column& column, PredictionForm form) {
  GivenPredictions given{
      .values = std::vector<double>(column.rows()), .form = form, .columns = {column.name}};
  for (std::size_t row = 0; row < column.rows(); ++row) given.values[row] = number_at(column, row);
  return given;
}

// NAME:CLASS, as `predict` writes them.
std::optional<GivenPredictions> probabilities_of(const Table& table, const Task& task,
                                                 const std::string& name) {
  const std::size_t outputs = task.outputs();
  GivenPredictions given{.values = std::vector<double>(table.rows() * outputs),
                         .form = PredictionForm::probability,
                         .columns = {}};
  for (std::size_t output = 0; output < outputs; ++output) {
    const std::string& of = task.classes[outputs == 1 ? 1 : output];
    const std::optional<std::size_t> found = table.find(name + ":" + of);
    if (!found) return std::nullopt;
    const Column& column = table.column(*found);
    given.columns.push_back(column.name);
    for (std::size_t row = 0; row < table.rows(); ++row) {
      const double probability = number_at(column, row);
      if (!(probability >= 0 && probability <= 1)) refuse(column, row, "probabilities from 0 to 1");
      given.values[row * outputs + output] = probability;
    }
  }
  if (outputs == 1 && table.find(name + ":" + task.classes[0]))
    given.columns.push_back(name + ":" + task.classes[0]);
  return given;
}

// Classes as the truth spells them.
GivenPredictions labels_in(const Column& column, const Task& task) {
  const std::size_t outputs = task.outputs();
  GivenPredictions given{.values = std::vector<double>(column.rows() * outputs, 0.0),
                         .form = PredictionForm::label,
                         .columns = {column.name}};
  for (std::size_t row = 0; row < column.rows(); ++row) {
    const auto found = std::ranges::find(task.classes, column.cell(row));
    if (found == task.classes.end()) refuse(column, row, "a class of the truth: " + join(task.classes, ", "));
    const auto index = static_cast<std::size_t>(found - task.classes.begin());
    if (outputs > 1) given.values[row * outputs + index] = 1;
    if (outputs == 1) given.values[row] = static_cast<double>(index);
  }
  return given;
}

bool names_classes(const Column& column, const Task& task) {
  return std::ranges::all_of(std::views::iota(std::size_t{0}, column.rows()), [&](std::size_t row) {
    return std::ranges::find(task.classes, column.cell(row)) != task.classes.end();
  });
}

}  // namespace

GivenPredictions read_predictions(const Table& table, const Task& task, const std::string& name) {
  const bool is_regression = task.kind == TaskKind::regression;
  const std::string word = name.empty() ? "probability" : name;
  if (!is_regression)
    if (std::optional<GivenPredictions> given = probabilities_of(table, task, word)) return std::move(*given);
  const Column& column = table.require(name.empty() ? "prediction" : name, "prediction");
  if (is_regression) return numbers_of(column, PredictionForm::value);
  if (task.kind == TaskKind::multiclass || !column.is_numeric() || names_classes(column, task))
    return labels_in(column, task);
  GivenPredictions given = numbers_of(column, PredictionForm::probability);
  const auto is_probability = [](double value) { return value >= 0 && value <= 1; };
  if (!std::ranges::all_of(given.values, is_probability)) given.form = PredictionForm::ranking_score;
  return given;
}

}  // namespace astrolabe
