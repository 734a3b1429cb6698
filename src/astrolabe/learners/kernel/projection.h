// SPDX-License-Identifier: Apache-2.0
// Inner products of rows with many directions: by a matrix, or by fast Walsh-Hadamard transforms.
//
//   const Projection dense = Projection::dense(28, draw_directions(choice, 28, 500, key));
//   const Projection fast = Projection::structured(28, stretches, key);
//   fast.apply(x, 4, out, scratch);   // [4, 500]
//
// Structured: blocks S H D1 H D2 H D3 / n^(3/2) of random signs D and lengths S of normal directions, for the
// power of two n at or above the number of inputs: O(n log n) for n directions, all at right angles. Source:
// Yu and others, "Orthogonal random features" (NIPS 2016), section 4 (SORF), whose lengths are all sqrt(n):
// with few inputs that is another kernel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/gemm/gemm.h"
#include "astrolabe/model/archive.h"

namespace astrolabe::kernel {

// Immutable; thread-safe.
class Projection {
 public:
  // columns: [inputs, count].
  [[nodiscard]] static Projection dense(std::size_t inputs, std::vector<float> columns);
  // Each as long as a normal direction, times stretches [count].
  [[nodiscard]] static Projection structured(std::size_t inputs, std::span<const double> stretches, Key key);

  [[nodiscard]] std::size_t inputs() const { return inputs_; }
  [[nodiscard]] std::size_t count() const { return count_; }
  // out [rows, count] of x [rows, inputs].
  void apply(std::span<const float> x, std::size_t rows, std::span<float> out, GemmScratch& scratch) const;
  // Every direction times a factor.
  void scale(double factor);

  void save(ArchiveWriter& archive) const;
  // Throws bad_input for anything that save would not have written.
  [[nodiscard]] static Projection load(ArchiveReader& archive, std::size_t inputs, std::size_t count);

 private:
  void apply_structured(std::span<const float> row, std::span<float> out, std::span<float> work) const;

  std::size_t inputs_ = 0;
  std::size_t count_ = 0;
  std::vector<float> columns_;      // dense: [inputs, count]
  std::vector<std::int8_t> signs_;  // structured: [blocks, 3, size]
  std::vector<float> lengths_;      // structured: [count]
};

}  // namespace astrolabe::kernel
