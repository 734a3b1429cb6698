// SPDX-License-Identifier: Apache-2.0
// libFuzzer entry: the first byte chooses the number of outputs, the rest claims to be a model of the mlp
// family with three features.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>
#include <vector>

#include "astrolabe/base/error.h"
#include "astrolabe/learners/neural/mlp.h"

namespace astrolabe::fuzz {
namespace {

constexpr std::size_t kFeatures = 3;

// Loads the bytes; when they are accepted, uses all of the model.
void load_and_use(std::string_view bytes, std::size_t outputs) {
  std::unique_ptr<const Model> model;
  ArchiveReader archive(bytes);
  try {
    model = mlp_learner().load(archive, kFeatures, outputs);
  } catch (const Error& error) {
    ASTROLABE_CHECK(error.kind() == ErrorKind::bad_input, "damage is bad input");
    return;
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
  for (const double value : out) ASTROLABE_CHECK(std::isfinite(value), "a sound model answers numbers");
  (void)model->importance();
  (void)model->summary();
  (void)model->settings_found();
  ArchiveWriter again;
  model->save(again);
}

}  // namespace
}  // namespace astrolabe::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  astrolabe::fuzz::load_and_use({reinterpret_cast<const char*>(data) + 1, size - 1}, data[0] % 4);
  return 0;
}
