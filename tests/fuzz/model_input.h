// SPDX-License-Identifier: Apache-2.0
// What the fuzzers and the tests do with bytes that claim to be a fitted model.
#pragma once

#include <cmath>
#include <limits>
#include <memory>
#include <string_view>
#include <vector>

#include "astrolabe/base/error.h"
#include "astrolabe/model/learner.h"

namespace astrolabe::fuzz {

// Loads the bytes as a model of three features; when they are accepted, uses all of the model. The
// predictions of odd rows; empty when the bytes were refused.
inline std::vector<double> load_and_use(const Learner& learner, std::string_view bytes, std::size_t outputs) {
  constexpr std::size_t kFeatures = 3;
  std::unique_ptr<const Model> model;
  ArchiveReader archive(bytes);
  try {
    model = learner.load(archive, kFeatures, outputs);
  } catch (const Error& error) {
    ASTROLABE_CHECK(error.kind() == ErrorKind::bad_input, "damage is bad input");
    return {};
  }
  const float infinite = std::numeric_limits<float>::infinity();
  const std::vector<float> odd = {0, 1, -1, 31, 32, 1e30F, -1e30F, infinite, -infinite, std::nanf("")};
  FeatureMatrix features;
  features.rows = odd.size();
  features.info = std::make_shared<std::vector<Feature>>(kFeatures);
  for (std::size_t feature = 0; feature < kFeatures; ++feature)
    features.columns.push_back({.dense = odd, .sparse_rows = {}, .sparse_values = {}});
  std::vector<double> out(odd.size() * model->outputs());
  model->predict(features, out);
  (void)model->importance();
  (void)model->summary();
  (void)model->settings_found();
  ArchiveWriter again;
  model->save(again);
  return out;
}

}  // namespace astrolabe::fuzz
