// SPDX-License-Identifier: Apache-2.0
// From rows to what a linear head sees: kernel features, and a constant 1 at the end.
//
//   const Featurizer featurizer{.factors = factors, .map = map};
//   featurizer.apply(x, 512, z, work);   // [512, featurizer.width()]
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "astrolabe/learners/kernel/feature_map.h"
#include "astrolabe/learners/kernel/fit_rows.h"

namespace astrolabe::kernel {

struct Featurizer {
  std::vector<float> factors;             // [features] 1 / length
  bool with_constant = false;             // beside the features, for kernels of angles
  std::shared_ptr<const FeatureMap> map;  // null: no feature, and the constant alone is left

  [[nodiscard]] std::size_t inputs() const { return factors.size() + (with_constant ? 1 : 0); }
  [[nodiscard]] std::size_t components() const { return map ? map->outputs() : 0; }
  [[nodiscard]] std::size_t width() const { return components() + 1; }

  // z: [rows, width()] of x: [rows, inputs()].
  void apply(std::span<const float> x, std::size_t rows, float* z, MapWork& work) const {
    if (map) map->apply(x, rows, z, width(), work);
    for (std::size_t row = 0; row < rows; ++row) z[row * width() + components()] = 1;
  }
};

// Fills in rows of x [rows, inputs()], as fit_rows.h, and applies the map to all of them, chunk by chunk,
// each by one thread: z [rows, width()].
void featurize_block(const Featurizer& featurizer, const RowBlock& block,
                     std::span<const std::uint32_t> places, ThreadPool& pool, std::vector<float>& x,
                     std::vector<float>& z);

}  // namespace astrolabe::kernel
