// SPDX-License-Identifier: Apache-2.0
// Clipped sums of rows by their norms, against a loop over gradients that were made one by one.
//
//   expect_clipped_sums(training, slow, {}, {.norm = 1e-5, .sum = 2e-5});
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "astrolabe/train/private_step.h"
#include "astrolabe/train/trainer.h"

namespace astrolabe::testing {

struct Clipped {
  std::vector<float> squares, sum;
};

// Of the first present.size() rows of a SmallTraining or SmallPictures; `shown` are the values of pictures.
template <class Training>
Clipped clipped_sum(const Training& training, RowClipping clipping, double clip,
                    const std::vector<float>& present, const std::vector<float>& shown = {}) {
  StepSpec spec = training.spec;
  spec.batch = present.size();
  Program program;
  const ClippedSum placed = place_clipped_sum(program.graph, spec, training.layout, clipping);
  program.outputs = {placed.square_norms, placed.sum};
  Execution run(compile(program));
  bind_training(run, training.setup());
  std::vector<std::int32_t> batch(present.size());
  for (std::size_t row = 0; row < batch.size(); ++row) batch[row] = static_cast<std::int32_t>(row);
  run.bind_input("batch", batch.data());
  run.bind_input("present", present.data());
  if (!shown.empty()) run.bind_input("pictures", shown.data());
  run.set_scalar("row_clip", clip);
  std::ranges::copy(training.weights(), run.template state<float>("w").begin());
  run.run();
  const std::span<const float> squares = run.template output<float>(0), sum = run.template output<float>(1);
  return {{squares.begin(), squares.end()}, {sum.begin(), sum.end()}};
}

struct Tolerances {  // relative
  double norm, sum;
};

// `slow`: [rows, layout.size]. One row is absent, and half of them are longer than the clip.
template <class Training>
void expect_clipped_sums(const Training& training, const std::vector<float>& slow,
                         const std::vector<float>& shown, Tolerances within) {
  constexpr double kFloor = 0.01;
  const std::size_t size = training.layout.size, rows = slow.size() / size;
  std::vector<float> present(rows, 1.0F);
  present[3] = 0;
  std::vector<double> norms;
  for (std::size_t row = 0; row < rows; ++row) {
    double square = 0;
    for (std::size_t i = 0; i < size; ++i)
      square += static_cast<double>(slow[row * size + i]) * static_cast<double>(slow[row * size + i]);
    norms.push_back(std::sqrt(square));
  }
  std::vector<double> sorted = norms;
  std::ranges::sort(sorted);
  const double clip = sorted[rows / 2];
  for (const RowClipping clipping : {RowClipping::fixed, RowClipping::automatic}) {
    const Clipped fast = clipped_sum(training, clipping, clip, present, shown);
    for (std::size_t row = 0; row < rows; ++row)
      EXPECT_NEAR(std::sqrt(static_cast<double>(fast.squares[row])), norms[row],
                  within.norm * (1 + norms[row]));
    for (std::size_t i = 0; i < size; ++i) {
      double expected = 0;
      for (std::size_t row = 0; row < rows; ++row) {
        const double factor =
            clipping == RowClipping::automatic ? 1 / (norms[row] + kFloor) : std::min(1.0, clip / norms[row]);
        expected += static_cast<double>(present[row]) * factor * static_cast<double>(slow[row * size + i]);
      }
      EXPECT_NEAR(static_cast<double>(fast.sum[i]), expected, within.sum * (1 + std::abs(expected))) << i;
    }
  }
}

}  // namespace astrolabe::testing
