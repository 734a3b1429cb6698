// SPDX-License-Identifier: Apache-2.0
// Fits of small tables, and what they are worth, for the tests of the trees.
#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "tests/learners/trees/tables.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/learners/trees/trees.h"

namespace astrolabe::trees::testing {

struct FitOptions {
  SettingValues settings = {{"rounds", std::int64_t{20}}};
  const TrainingData* watch = nullptr;
  const Model* start = nullptr;
  std::size_t threads = 1;
  std::uint64_t seed = 1;
  std::function<void(std::string_view)> tell = {};
};

inline std::unique_ptr<const Model> fit_trees(const TrainingData& data, const FitOptions& options = {}) {
  ThreadPool pool(options.threads);
  const Budget budget;
  return trees_learner().fit({.train = data,
                              .watch = options.watch,
                              .settings = options.settings,
                              .key = Key::from_seed(options.seed),
                              .pool = pool,
                              .budget = budget,
                              .tell = options.tell,
                              .start = options.start});
}

inline std::string bytes_of(const Model& model) {
  ArchiveWriter archive;
  model.save(archive);
  return archive.bytes();
}

inline std::vector<double> predictions_of(const Model& model, const FeatureMatrix& features) {
  std::vector<double> out(features.rows * model.outputs());
  model.predict(features, out);
  return out;
}

inline TrainingData make_data(TaskKind kind, std::size_t classes, const TableShape& shape, std::uint64_t seed,
                              double noise = 0.3) {
  TrainingData data;
  data.features = random_table(shape, Key::from_seed(seed));
  data.labels = labels_for(data.features, kind, classes, Key::from_seed(seed + 1), noise);
  return data;
}

inline double mean_square(const Labels& labels, const std::vector<double>& out) {
  double sum = 0;
  for (std::size_t row = 0; row < out.size(); ++row)
    sum += (out[row] - labels.values[row]) * (out[row] - labels.values[row]);
  return sum / static_cast<double>(out.size());
}

// What a fit complains about; empty when it does not.
inline std::string complaint_of_fit(const TrainingData& data, const FitOptions& options, ErrorKind kind) {
  try {
    (void)fit_trees(data, options);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    return error.what();
  }
  return "";
}

}  // namespace astrolabe::trees::testing
