// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/answers_for.h"

#include <algorithm>
#include <optional>

#include "astrolabe/features/extend.h"

namespace astrolabe {
namespace {

Table table_for(const ShippedModel& model, const Table& table) {
  std::vector<Column> columns;
  for (const WantedColumn& wanted : model.wanted_columns()) {
    const std::optional<std::size_t> place = table.find(wanted.name);
    columns.push_back(place ? table.column(*place) : missing_column(wanted, table.rows()));
  }
  // A table without a column has no rows.
  if (columns.empty() && !table.columns().empty()) columns.push_back(table.column(0));
  return Table(std::move(columns));
}

}  // namespace

std::vector<double> answers_for(const ShippedModel& model, const Task& task, const Table& table,
                                ThreadPool& pool) {
  std::vector<double> said = model.predict(table_for(model, table), pool);
  const Task& theirs = model.card().task;
  if (task.kind == TaskKind::regression || task.classes == theirs.classes) return said;
  const std::size_t rows = table.rows(), classes = task.classes.size();
  std::vector<double> answers(rows * task.outputs()), shares(classes);
  for (std::size_t row = 0; row < rows; ++row) {
    const double* const own = said.data() + row * theirs.outputs();
    double total = 0;
    for (std::size_t k = 0; k < classes; ++k) {
      const auto found = std::ranges::find(theirs.classes, task.classes[k]);
      const auto place = static_cast<std::size_t>(found - theirs.classes.begin());
      shares[k] = found == theirs.classes.end() ? 0
                  : theirs.outputs() > 1        ? own[place]
                  : place == 1                  ? own[0]
                                                : 1 - own[0];
      total += shares[k];
    }
    for (std::size_t k = 0; k < classes; ++k)
      shares[k] = total > 0 ? shares[k] / total : 1.0 / static_cast<double>(classes);
    if (task.outputs() == 1)
      answers[row] = shares[1];
    else
      std::ranges::copy(shares, answers.begin() + static_cast<std::ptrdiff_t>(row * classes));
  }
  return answers;
}

}  // namespace astrolabe
