// SPDX-License-Identifier: Apache-2.0
// A task: a question with an honest way to score an answer. And the labels that answer it, row by row.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/stats/metric.h"

namespace astrolabe {

struct Task {
  TaskKind kind = TaskKind::regression;
  std::string target;                // column name
  std::vector<std::string> classes;  // labels as the data spells them; binary: classes[1] is the positive one
  std::string metric;                // a name that find_metric knows
  std::string weight = {};           // column name, empty: every row counts 1
  std::string group = {};            // column name of a ranking, a regression within its groups; else empty

  [[nodiscard]] bool is_ranking() const { return !group.empty(); }
  [[nodiscard]] std::string_view kind_name() const { return is_ranking() ? "ranking" : task_kind_name(kind); }
  [[nodiscard]] bool suits(const Metric& one) const { return one.supports(kind, is_ranking()); }
  // Columns of a prediction: 1, or the number of classes when there are more than two.
  [[nodiscard]] std::size_t outputs() const { return kind == TaskKind::multiclass ? classes.size() : 1; }
};

// Targets of some rows, as learners want them.
struct Labels {
  TaskKind kind = TaskKind::regression;
  std::size_t classes = 0;      // 2 for binary, 0 for regression
  std::vector<double> values;   // [rows] class index, or the number; always finite
  std::vector<double> weights;  // [rows] >= 0, or empty: all 1
  // [rows] Of a ranking, whose values are whole numbers from 0 on: equal numbers are one group. Else empty.
  std::vector<std::uint32_t> groups = {};

  [[nodiscard]] std::size_t rows() const { return values.size(); }
  [[nodiscard]] double weight(std::size_t row) const { return weights.empty() ? 1.0 : weights[row]; }
  [[nodiscard]] std::size_t outputs() const { return kind == TaskKind::multiclass ? classes : 1; }
  // [rows] The weights; rows that all weigh nothing, or were given none, count alike.
  [[nodiscard]] std::vector<double> usable_weights() const {
    const bool any = std::ranges::any_of(weights, [](double weight) { return weight > 0; });
    return any ? weights : std::vector<double>(rows(), 1.0);
  }
};

}  // namespace astrolabe
