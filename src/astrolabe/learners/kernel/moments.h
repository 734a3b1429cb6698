// SPDX-License-Identifier: Apache-2.0
// The normal equations, row block by row block: Z'WZ and Z'Wy of rows that are never held at once.
//
//   Moments moments(featurizer.width());
//   moments.add(z, rows, targets, weights, pool);   // for each block
//   moments.finish();
//
// A block's products are f32 chains over its rows, of one order whatever the threads; blocks are added in
// double. Memory: width^2 doubles. Cost: rows * width^2 / 2 multiply-adds.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "astrolabe/base/thread_pool.h"

namespace astrolabe::kernel {

class Moments {
 public:
  explicit Moments(std::size_t width);

  // z: [rows, width], weighted in place by sqrt(weights); targets [rows]; weights [rows] > 0, or empty:
  // all 1.
  void add(std::span<float> z, std::size_t rows, std::span<const double> targets,
           std::span<const double> weights, ThreadPool& pool);
  // Fills in the lower triangle. Once, after the last block.
  void finish();
  void add(const Moments& other);
  // Of rows that `part` was made of among others. Both finished, or neither.
  [[nodiscard]] Moments without(const Moments& part) const;

  [[nodiscard]] std::size_t width() const { return width_; }
  [[nodiscard]] double weight() const { return weight_; }
  [[nodiscard]] std::span<const double> gram() const { return gram_; }    // [width, width]
  [[nodiscard]] std::span<const double> cross() const { return cross_; }  // [width]
  // Weighted sum of (y - z b)^2 over the rows, from the moments alone. Needs finish().
  [[nodiscard]] double squared_error(std::span<const double> coefficients) const;

 private:
  void add_products(std::span<const float> z, std::size_t rows, ThreadPool& pool);

  std::size_t width_;
  double weight_ = 0;
  double squares_ = 0;  // of the targets
  std::vector<double> gram_;
  std::vector<double> cross_;
};

}  // namespace astrolabe::kernel
