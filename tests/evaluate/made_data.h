// SPDX-License-Identifier: Apache-2.0
// Tables and labels that follow from a seed.
#pragma once

#include <cstdint>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "tests/data/tables.h"

#include "astrolabe/base/random.h"
#include "astrolabe/model/task.h"

namespace astrolabe {

inline std::vector<RowIndex> all_rows(std::size_t rows) {
  std::vector<RowIndex> result(rows);
  std::iota(result.begin(), result.end(), RowIndex{0});
  return result;
}

inline std::vector<double> normal_values(std::size_t rows, std::uint64_t seed) {
  RandomStream random(Key::from_seed(seed));
  std::vector<double> values(rows);
  for (double& value : values) value = random.normal();
  return values;
}

inline Labels regression_labels(std::vector<double> values) {
  return {.kind = TaskKind::regression, .classes = 0, .values = std::move(values), .weights = {}};
}
inline Task regression_task() {
  return {.kind = TaskKind::regression, .target = "y", .classes = {}, .metric = "rmse", .weight = {}};
}

inline Labels class_labels(std::vector<double> values, std::size_t classes = 2) {
  return {.kind = classes == 2 ? TaskKind::binary : TaskKind::multiclass,
          .classes = classes,
          .values = std::move(values),
          .weights = {}};
}
inline Task class_task(std::size_t classes = 2) {
  Task task{.kind = classes == 2 ? TaskKind::binary : TaskKind::multiclass,
            .target = "y",
            .classes = {},
            .metric = classes == 2 ? "auc" : "log_loss",
            .weight = {}};
  for (std::size_t i = 0; i < classes; ++i) task.classes.push_back("class" + std::string(1, char('A' + i)));
  return task;
}

// 1 with probability `share`.
inline std::vector<double> random_classes(std::size_t rows, std::uint64_t seed, double share = 0.4) {
  RandomStream random(Key::from_seed(seed).split("classes"));
  std::vector<double> values(rows);
  for (double& value : values) value = random.uniform() < share ? 1 : 0;
  return values;
}

}  // namespace astrolabe
