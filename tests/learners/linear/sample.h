// SPDX-License-Identifier: Apache-2.0
// Data for the tests of the linear learner, and a fit in one line.
#pragma once

#include <memory>
#include <vector>

#include "astrolabe/learners/linear/linear.h"

namespace astrolabe::linear {

struct SampleShape {
  TaskKind kind = TaskKind::regression;
  std::size_t rows = 120;
  std::size_t dense = 4;
  std::size_t sparse = 4;  // one nonzero value in five
  std::size_t classes = 3;
  bool counts = false;   // regression: whole numbers from 0
  bool weights = false;  // 0, 1 or 2.5
};

// Features that are correlated with each other, labels that depend on the first of both kinds.
[[nodiscard]] TrainingData make_sample(const SampleShape& shape, std::uint64_t seed);

[[nodiscard]] std::unique_ptr<const Model> fit(const TrainingData& train, const SettingValues& settings,
                                               const TrainingData* watch = nullptr,
                                               const Budget& budget = Budget());
[[nodiscard]] std::vector<double> predict(const Model& model, const FeatureMatrix& features);
[[nodiscard]] FeatureMatrix make_dense(std::vector<std::vector<float>> columns, std::size_t rows);

}  // namespace astrolabe::linear
