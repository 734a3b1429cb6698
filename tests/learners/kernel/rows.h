// SPDX-License-Identifier: Apache-2.0
// Rows and fits for the tests of kernel machines.
#pragma once

#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "astrolabe/learners/kernel/kernel.h"

namespace astrolabe::kernel::testing {

// [rows, inputs] of uniform numbers, each row summing to 1, as scikit-learn's tests have them.
inline std::vector<float> rows_of_sum_one(std::size_t rows, std::size_t inputs, Key key) {
  RandomStream random(key);
  std::vector<float> x(rows * inputs);
  for (std::size_t row = 0; row < rows; ++row) {
    double sum = 0;
    std::vector<double> values(inputs);
    for (double& value : values) sum += value = random.uniform();
    for (std::size_t j = 0; j < inputs; ++j) x[row * inputs + j] = static_cast<float>(values[j] / sum);
  }
  return x;
}

inline std::vector<float> normal_rows(std::size_t rows, std::size_t inputs, double scale, Key key) {
  RandomStream random(key);
  std::vector<float> x(rows * inputs);
  for (float& value : x) value = static_cast<float>(scale * random.normal());
  return x;
}

// Dense normal numbers; the label is what `label` says of a row, and the noise that it is handed.
inline TrainingData make_numbers(TaskKind kind, std::size_t rows, std::size_t numbers,
                                 const std::function<double(std::span<const double> x, double noise)>& label,
                                 std::uint64_t seed = 1) {
  TrainingData data;
  data.features.rows = rows;
  std::vector<Feature> info;
  for (std::size_t j = 0; j < numbers; ++j) {
    info.push_back({.name = "x" + std::to_string(j), .source = "x" + std::to_string(j)});
    data.features.columns.emplace_back();
  }
  data.features.info = std::make_shared<const std::vector<Feature>>(std::move(info));
  data.labels.kind = kind;
  data.labels.classes = kind == TaskKind::regression ? 0 : kind == TaskKind::binary ? 2 : 3;
  RandomStream random(Key::from_seed(seed));
  std::vector<double> x(numbers);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t j = 0; j < numbers; ++j) {
      x[j] = random.normal();
      data.features.columns[j].dense.push_back(static_cast<float>(x[j]));
    }
    data.labels.values.push_back(label(x, random.normal()));
  }
  return data;
}

inline std::unique_ptr<const Model> fit(const TrainingData& train, const SettingValues& settings,
                                        std::size_t threads = 1) {
  ThreadPool pool(threads);
  const Budget budget;
  return kernel_learner().fit(
      {.train = train, .settings = settings, .key = Key::from_seed(1), .pool = pool, .budget = budget});
}

inline std::vector<double> predict(const Model& model, const FeatureMatrix& features) {
  std::vector<double> out(features.rows * model.outputs());
  model.predict(features, out);
  return out;
}

inline std::string bytes_of(const Model& model) {
  ArchiveWriter archive;
  model.save(archive);
  return archive.bytes();
}

// Share of the variance of the labels that the predictions explain.
inline double explained(const Model& model, const TrainingData& data) {
  const std::vector<double> out = predict(model, data.features);
  double mean = 0, rest = 0, all = 0;
  for (const double value : data.labels.values) mean += value / static_cast<double>(out.size());
  for (std::size_t row = 0; row < out.size(); ++row) {
    rest += std::pow(out[row] - data.labels.values[row], 2);
    all += std::pow(mean - data.labels.values[row], 2);
  }
  return 1 - rest / all;
}

}  // namespace astrolabe::kernel::testing
