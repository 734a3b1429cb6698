// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evaluate/permutation_importance.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

constexpr double kUpperTail = 0.975;  // of a 95 % interval

double score_table(const ImportanceRequest& request, const Metric& metric, const Table& table) {
  const std::vector<double> predictions = request.predict(table);
  return metric.compute({.truth = request.labels.values,
                         .prediction = predictions,
                         .outputs = request.task.outputs(),
                         .weight = request.labels.weights,
                         .groups = request.labels.groups});
}

// The table with the cells of one column in another order.
Table shuffle_column(const Table& table, std::size_t index, Key key) {
  std::vector<RowIndex> order(table.rows());
  std::iota(order.begin(), order.end(), RowIndex{0});
  RandomStream(key).shuffle(order);
  std::vector<Column> columns(table.columns().begin(), table.columns().end());
  std::vector<Column> alone;
  alone.push_back(std::move(columns[index]));
  columns[index] = Table(std::move(alone)).take_rows(order).column(0);
  return Table(std::move(columns));
}

Estimate mean_with_t_interval(const std::vector<double>& values) {
  const auto count = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  if (values.size() < 2) return Estimate::undefined(mean);
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const double error = std::sqrt(squares / (count - 1) / count);
  const double reach = student_t_quantile(kUpperTail, count - 1) * error;
  return {mean, mean - reach, mean + reach, "Student t over shuffles"};
}

}  // namespace

std::vector<ColumnImportance> permutation_importance(const ImportanceRequest& request) {
  const Metric* metric = find_metric(request.task.metric);
  ASTROLABE_CHECK(metric != nullptr, "a task names a known metric");
  ASTROLABE_CHECK(request.repeats > 0, "an importance needs a shuffle");
  ASTROLABE_CHECK(request.labels.rows() == request.table.rows(), "one label per row of the table");
  std::vector<ColumnImportance> importances;
  if (request.table.rows() == 0 || request.budget.should_stop()) return importances;
  const double whole = score_table(request, *metric, request.table);
  for (std::size_t i = 0; i < request.table.columns().size(); ++i) {
    if (request.budget.should_stop()) break;
    const std::string& name = request.table.column(i).name;
    std::vector<double> losses;
    for (std::size_t repeat = 0; repeat < request.repeats; ++repeat) {
      const Table shuffled = shuffle_column(request.table, i, request.key.split(name).split(repeat));
      const double score = score_table(request, *metric, shuffled);
      losses.push_back(metric->higher_is_better ? whole - score : score - whole);
    }
    importances.push_back({name, mean_with_t_interval(losses)});
  }
  // A loss that is undefined (one class only) sorts last.
  const auto rank = [](const ColumnImportance& importance) {
    const double loss = importance.loss_of_score.value;
    return std::pair(std::isnan(loss) ? INFINITY : -loss, importance.column);
  };
  std::ranges::sort(importances, {}, rank);
  return importances;
}

}  // namespace astrolabe
