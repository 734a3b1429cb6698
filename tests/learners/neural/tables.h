// SPDX-License-Identifier: Apache-2.0
// Tables for the tests of the mlp family.
#pragma once

#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "astrolabe/learners/neural/mlp.h"

namespace astrolabe::testing {

// `numbers` dense normal numbers a row; the label is what `label` says of them.
inline TrainingData make_numbers(TaskKind kind, std::size_t rows, std::size_t numbers,
                                 const std::function<double(std::span<const double>)>& label,
                                 std::uint64_t seed = 1) {
  TrainingData data;
  data.features.rows = rows;
  std::vector<Feature> info;
  for (std::size_t i = 0; i < numbers; ++i) {
    info.push_back({.name = "x" + std::to_string(i), .source = "x" + std::to_string(i)});
    data.features.columns.emplace_back();
  }
  data.features.info = std::make_shared<const std::vector<Feature>>(std::move(info));
  data.labels.kind = kind;
  data.labels.classes = kind == TaskKind::regression ? 0 : kind == TaskKind::binary ? 2 : 3;
  RandomStream random(Key::from_seed(seed));
  std::vector<double> row(numbers);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < numbers; ++j) {
      row[j] = random.normal();
      data.features.columns[j].dense.push_back(static_cast<float>(row[j]));
    }
    data.labels.values.push_back(label(row));
  }
  return data;
}

inline std::unique_ptr<const Model> fit(const TrainingData& train, const SettingValues& settings,
                                        const TrainingData* watch = nullptr, const Model* start = nullptr,
                                        const StartMap* map = nullptr) {
  ThreadPool pool(2);
  const Budget budget;
  return mlp_learner().fit({.train = train,
                            .watch = watch,
                            .settings = settings,
                            .key = Key::from_seed(1),
                            .pool = pool,
                            .budget = budget,
                            .start = start,
                            .start_map = map});
}

inline std::vector<double> predict(const Model& model, const FeatureMatrix& features) {
  std::vector<double> out(features.rows * model.outputs());
  model.predict(features, out);
  return out;
}

// Share of rows whose class has the largest probability (binary: above one half).
inline double accuracy(const Model& model, const TrainingData& data) {
  const std::vector<double> p = predict(model, data.features);
  const std::size_t outputs = model.outputs();
  double right = 0;
  for (std::size_t row = 0; row < data.labels.rows(); ++row) {
    std::size_t best = outputs == 1 && p[row] > 0.5 ? 1 : 0;
    for (std::size_t k = 1; k < outputs; ++k)
      if (p[row * outputs + k] > p[row * outputs + best]) best = k;
    right += best == static_cast<std::size_t>(data.labels.values[row]) ? 1 : 0;
  }
  return right / static_cast<double>(data.labels.rows());
}

// Share of the labels' variance that is explained.
inline double explained(const Model& model, const TrainingData& data) {
  const std::vector<double> found = predict(model, data.features);
  double mean = 0, error = 0, variance = 0;
  for (const double y : data.labels.values) mean += y / static_cast<double>(found.size());
  for (std::size_t row = 0; row < found.size(); ++row) {
    error += std::pow(found[row] - data.labels.values[row], 2);
    variance += std::pow(mean - data.labels.values[row], 2);
  }
  return 1 - error / variance;
}

inline SettingValues texts(std::initializer_list<std::pair<const char*, const char*>> pairs) {
  SettingValues settings;
  for (const auto& [name, text] : pairs) settings[name] = std::string(text);
  return settings;
}

}  // namespace astrolabe::testing
