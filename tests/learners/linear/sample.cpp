// SPDX-License-Identifier: Apache-2.0
#include "tests/learners/linear/sample.h"

#include <algorithm>
#include <cmath>

namespace astrolabe::linear {

namespace {

void add_features(const SampleShape& shape, RandomStream& random, FeatureMatrix& features) {
  std::vector<double> common(shape.rows);
  for (double& value : common) value = random.normal();
  for (std::size_t feature = 0; feature < shape.dense; ++feature) {
    FeatureColumn& column = features.columns.emplace_back();
    for (std::size_t row = 0; row < shape.rows; ++row)
      column.dense.push_back(static_cast<float>(0.5 * common[row] + random.normal() + 3));
  }
  for (std::size_t feature = 0; feature < shape.sparse; ++feature) {
    FeatureColumn& column = features.columns.emplace_back();
    column.is_sparse = true;
    for (std::uint32_t row = 0; row < shape.rows; ++row) {
      if (random.below(5) != 0) continue;
      column.sparse_rows.push_back(row);
      column.sparse_values.push_back(1.0F + static_cast<float>(feature % 2));
    }
  }
}

// The signal behind the labels of a row.
std::vector<double> make_signal(const SampleShape& shape, const FeatureMatrix& features) {
  std::vector<double> signal(shape.rows, 0.0);
  const auto add = [&](std::size_t feature, double slope) {
    if (feature >= features.features()) return;
    const FeatureColumn& column = features.columns[feature];
    for (std::size_t row = 0; row < column.dense.size(); ++row)
      signal[row] += slope * (column.dense[row] - 3);
    for (std::size_t i = 0; i < column.sparse_rows.size(); ++i)
      signal[column.sparse_rows[i]] += slope * column.sparse_values[i];
  };
  if (shape.dense > 1) {
    add(0, 1.0);
    add(1, -0.7);
  }
  if (shape.sparse > 0) add(shape.dense, 1.5);
  return signal;
}

}  // namespace

TrainingData make_sample(const SampleShape& shape, std::uint64_t seed) {
  RandomStream random(Key::from_seed(seed));
  TrainingData data;
  data.features.rows = shape.rows;
  add_features(shape, random, data.features);
  const std::vector<double> signal = make_signal(shape, data.features);
  data.labels.kind = shape.kind;
  data.labels.classes = shape.kind == TaskKind::regression ? 0
                        : shape.kind == TaskKind::binary   ? 2
                                                           : shape.classes;
  for (std::size_t row = 0; row < shape.rows; ++row) {
    double label = signal[row] + 0.7 * random.normal();
    if (shape.kind == TaskKind::binary) label = label > 0.3 ? 1 : 0;
    if (shape.kind == TaskKind::multiclass)
      label = std::clamp(std::floor(label + static_cast<double>(shape.classes) / 2), 0.0,
                         static_cast<double>(shape.classes - 1));
    if (shape.counts) label = std::floor(std::exp(std::min(label, 3.0)));
    data.labels.values.push_back(label);
    if (shape.weights) data.labels.weights.push_back(row % 3 == 0 ? 0 : row % 3 == 1 ? 1 : 2.5);
  }
  return data;
}

std::unique_ptr<const Model> fit(const TrainingData& train, const SettingValues& settings,
                                 const TrainingData* watch, const Budget& budget) {
  ThreadPool pool(2);
  return linear_learner().fit({.train = train,
                               .watch = watch,
                               .settings = settings,
                               .key = Key::from_seed(1),
                               .pool = pool,
                               .budget = budget});
}

std::vector<double> predict(const Model& model, const FeatureMatrix& features) {
  std::vector<double> out(features.rows * model.outputs(), std::nan(""));
  model.predict(features, out);
  return out;
}

FeatureMatrix make_dense(std::vector<std::vector<float>> columns, std::size_t rows) {
  FeatureMatrix matrix{.rows = rows, .info = nullptr, .columns = {}};
  for (auto& column : columns) matrix.columns.emplace_back().dense = std::move(column);
  return matrix;
}

}  // namespace astrolabe::linear
