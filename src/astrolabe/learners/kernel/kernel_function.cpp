// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/kernel/kernel_function.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace astrolabe::kernel {
namespace {

// What any of the kernels asks about two rows.
struct PairFacts {
  double dot = 0;
  double xx = 0, yy = 0;  // squared lengths
  double squared_distance = 0;
  double city_distance = 0;  // sum of absolute differences
};

double arc_cosine(const PairFacts& pair, bool weighted) {
  const double lengths = std::sqrt(pair.xx * pair.yy);
  const double cosine = lengths > 0 ? std::clamp(pair.dot / lengths, -1.0, 1.0) : 0;
  const double angle = std::acos(cosine);
  if (!weighted) return 1 - angle / std::numbers::pi;
  return lengths * (std::sin(angle) + (std::numbers::pi - angle) * cosine) / std::numbers::pi;
}

double kernel_of(const KernelChoice& kernel, const PairFacts& pair) {
  const double distance = std::sqrt(std::max(pair.squared_distance, 0.0));
  switch (kernel.shape) {
    case KernelShape::gaussian:
      return std::exp(-0.5 * std::max(pair.squared_distance, 0.0));
    case KernelShape::laplacian:
      return std::exp(-pair.city_distance);
    case KernelShape::matern12:
      return std::exp(-distance);
    case KernelShape::matern32: {
      const double s = std::numbers::sqrt3 * distance;
      return (1 + s) * std::exp(-s);
    }
    case KernelShape::matern52: {
      const double s = std::sqrt(5.0) * distance;
      return (1 + s + s * s / 3) * std::exp(-s);
    }
    case KernelShape::arc_cosine0:
      return arc_cosine(pair, false);
    case KernelShape::arc_cosine1:
      return arc_cosine(pair, true);
    case KernelShape::polynomial:
      break;
  }
  return std::pow(pair.dot, static_cast<double>(kernel.degree));
}

// Near 0 these fall as the distance itself, and the square root of a rounded square would show.
bool needs_differences(KernelShape shape) {
  return shape == KernelShape::laplacian || shape == KernelShape::matern12;
}

std::vector<float> squared_lengths(std::span<const float> values, std::size_t count, std::size_t inputs,
                                   std::size_t across, std::size_t along) {
  std::vector<float> lengths(count, 0.0F);
  for (std::size_t at = 0; at < count; ++at) {
    double sum = 0;
    for (std::size_t j = 0; j < inputs; ++j) {
      const double value = values[at * across + j * along];
      sum += value * value;
    }
    lengths[at] = static_cast<float>(sum);
  }
  return lengths;
}

void block_by_differences(const KernelChoice& kernel, std::span<const float> x, std::size_t rows,
                          std::span<const float> columns, std::size_t landmarks, std::span<float> block) {
  const std::size_t inputs = rows > 0 ? x.size() / rows : 0;
  const bool city = kernel.shape == KernelShape::laplacian;
  for (std::size_t row = 0; row < rows; ++row) {
    float* out = block.data() + row * landmarks;
    std::fill_n(out, landmarks, 0.0F);
    for (std::size_t j = 0; j < inputs; ++j) {
      const float value = x[row * inputs + j];
      const float* of_landmarks = columns.data() + j * landmarks;
      for (std::size_t m = 0; m < landmarks; ++m) {
        const float difference = value - of_landmarks[m];
        out[m] += city ? std::abs(difference) : difference * difference;
      }
    }
    for (std::size_t m = 0; m < landmarks; ++m) out[m] = std::exp(-(city ? out[m] : std::sqrt(out[m])));
  }
}

// An angle near 0 is the square root of what rounding leaves of its cosine: in double all the way.
void block_by_pairs(const KernelChoice& kernel, std::span<const float> x, std::size_t rows,
                    std::span<const float> columns, std::size_t landmarks, std::span<float> block) {
  const std::size_t inputs = x.size() / rows;
  std::vector<float> landmark(inputs);
  for (std::size_t m = 0; m < landmarks; ++m) {
    for (std::size_t j = 0; j < inputs; ++j) landmark[j] = columns[j * landmarks + m];
    for (std::size_t row = 0; row < rows; ++row)
      block[row * landmarks + m] =
          static_cast<float>(kernel_value(kernel, x.subspan(row * inputs, inputs), landmark));
  }
}

}  // namespace

double kernel_value(const KernelChoice& kernel, std::span<const float> x, std::span<const float> y) {
  PairFacts pair;
  for (std::size_t j = 0; j < x.size(); ++j) {
    const double a = x[j], b = y[j];
    pair.dot += a * b;
    pair.xx += a * a;
    pair.yy += b * b;
    pair.squared_distance += (a - b) * (a - b);
    pair.city_distance += std::abs(a - b);
  }
  return kernel_of(kernel, pair);
}

void kernel_block(const KernelChoice& kernel, std::span<const float> x, std::size_t rows,
                  std::span<const float> columns, std::size_t landmarks, std::span<float> block,
                  GemmScratch& scratch) {
  if (rows == 0 || landmarks == 0) return;
  if (kernel.shape == KernelShape::arc_cosine0) {
    block_by_pairs(kernel, x, rows, columns, landmarks, block);
    return;
  }
  if (needs_differences(kernel.shape)) {
    block_by_differences(kernel, x, rows, columns, landmarks, block);
    return;
  }
  const std::size_t inputs = x.size() / rows;
  gemm({.m = rows,
        .n = landmarks,
        .k = inputs,
        .a = x.data(),
        .a_row = static_cast<std::ptrdiff_t>(inputs),
        .b = columns.data(),
        .b_row = static_cast<std::ptrdiff_t>(landmarks),
        .c = block.data(),
        .c_row = static_cast<std::ptrdiff_t>(landmarks)},
       best_instruction_set(), scratch);
  const std::vector<float> of_rows = squared_lengths(x, rows, inputs, inputs, 1);
  const std::vector<float> of_landmarks = squared_lengths(columns, landmarks, inputs, 1, landmarks);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t m = 0; m < landmarks; ++m) {
      float& value = block[row * landmarks + m];
      const double dot = value, xx = of_rows[row], yy = of_landmarks[m];
      value = static_cast<float>(kernel_of(
          kernel,
          {.dot = dot, .xx = xx, .yy = yy, .squared_distance = xx + yy - 2 * dot, .city_distance = 0}));
    }
  }
}

}  // namespace astrolabe::kernel
