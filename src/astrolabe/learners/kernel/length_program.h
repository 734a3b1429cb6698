// SPDX-License-Identifier: Apache-2.0
// How features change with the lengths of the columns, differentiated by the engine.
//
//   LengthProgram program(x, rows, 28, directions, 128);
//   program.run(stretch, {}, {}, pool);                       // cosines and sines [rows, 128] of x
//   exp(stretch) w program.run(stretch, by_cosines, by_sines, pool);         // and the slope of their
//   weighted sum by stretch
//
// Cosines of (x_j exp(stretch_j)) w: a kernel of differences whose length in column j is exp(-stretch_j).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "astrolabe/base/thread_pool.h"
#include "astrolabe/runtime/executable.h"

namespace astrolabe::kernel {

// Not thread-safe.
class LengthProgram {
 public:
  // x: [rows, inputs]; directions: [inputs, count].
  LengthProgram(std::vector<float> x, std::size_t rows, std::size_t inputs, std::vector<float> directions,
                std::size_t count);

  // by_cosines, by_sines: [rows, count] what each feature is weighed by. Results stay until the next run.
  void run(std::span<const float> stretch, std::span<const float> by_cosines, std::span<const float> by_sines,
           ThreadPool& pool);
  [[nodiscard]] std::span<const float> cosines() const { return run_.output<float>(0); }
  [[nodiscard]] std::span<const float> sines() const { return run_.output<float>(1); }
  [[nodiscard]] std::span<const float> slope() const { return run_.output<float>(2); }

 private:
  std::vector<float> x_, directions_, stretch_, by_cosines_, by_sines_;
  Execution run_;
};

}  // namespace astrolabe::kernel
