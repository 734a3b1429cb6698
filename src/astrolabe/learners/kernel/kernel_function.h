// SPDX-License-Identifier: Apache-2.0
// The kernels themselves: how alike two rows are, exactly. Random features only come near them.
//
//   const KernelChoice gaussian{.shape = KernelShape::gaussian};
//   kernel_value(gaussian, x, y);                                // exp(-|x - y|^2 / 2)
//   kernel_block(gaussian, rows, 4, landmarks, 10, block, scratch);   // [4, 10]
//
// Rows are in units of the length scale, with d = |x - y| (laplacian: the sum of |x_j - y_j|), a the angle:
//   gaussian      exp(-d^2 / 2)            laplacian, matern12   exp(-d)
//   matern32      (1 + s) exp(-s), s = sqrt(3) d      matern52   (1 + s + s^2 / 3) exp(-s), s = sqrt(5) d
//   arc_cosine0   1 - a / pi               arc_cosine1   |x||y| (sin a + (pi - a) cos a) / pi
//   polynomial    (x'y)^degree, where x ends with a constant
// Sources: Rasmussen and Williams, "Gaussian processes for machine learning" (2006), chapter 4; Cho and Saul,
// "Kernel methods for deep learning" (NIPS 2009), equations 1 to 6.
#pragma once

#include <cstddef>
#include <span>

#include "astrolabe/gemm/gemm.h"
#include "astrolabe/learners/kernel/kernel_settings.h"

namespace astrolabe::kernel {

// x and y of equal length, finite. In double; pure. Cost: one pass over them.
[[nodiscard]] double kernel_value(const KernelChoice& kernel, std::span<const float> x,
                                  std::span<const float> y);

// block[i * landmarks + j] = k(row i, landmark j): x is [rows, inputs], `columns` [inputs, landmarks]: the
// landmarks as columns. Inner products in f32. Cost: rows * landmarks * inputs.
void kernel_block(const KernelChoice& kernel, std::span<const float> x, std::size_t rows,
                  std::span<const float> columns, std::size_t landmarks, std::span<float> block,
                  GemmScratch& scratch);

}  // namespace astrolabe::kernel
