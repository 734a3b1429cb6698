// SPDX-License-Identifier: Apache-2.0
// Convolutions in f32, channels last, by the micro-kernels of gemm.h: a tile of answers reads its windows
// where the picture lies, and no window is copied. Only a band of rows is, with zeros around it, when windows
// reach over the rim.
//
//   const Convolution how{.n = 64, .h = 28, .w = 28, .c = 16, .kh = 3, .kw = 3, .f = 32, .oh = 28, .ow = 28,
//                         .stride = {1, 1}, .before = {1, 1}};
//   convolve(how, {x, filters, y, 0, convolve_parts(how)}, best_instruction_set(), scratch);
//
// The order of sums is that of graph/interpret.h: one chain of fused multiply-adds per element, zeros around
// taking part; the same bytes on every instruction set, for any cut and any schedule. Cost: that of the
// matrix product of n oh ow by kh kw c by f.
#pragma once

#include <array>
#include <cstddef>

#include "astrolabe/base/instruction_set.h"
#include "astrolabe/gemm/convolve_schedule.h"
#include "astrolabe/gemm/gemm.h"

namespace astrolabe {

// Pictures [n, h, w, c], filters [kh, kw, c, f], answers [n, oh, ow, f]. Window (y, x) begins at the pixel
// (y * stride[0] - before[0], x * stride[1] - before[1]). No size is 0.
struct Convolution {
  std::size_t n = 0, h = 0, w = 0, c = 0;
  std::size_t kh = 0, kw = 0, f = 0;
  std::size_t oh = 0, ow = 0;
  std::array<std::size_t, 2> stride{1, 1};
  std::array<std::size_t, 2> before{0, 0};
};

// Two operands, the result, and which of its parts to compute: [begin, end). No operand overlaps the result.
struct ConvolutionCall {
  const float* a = nullptr;
  const float* b = nullptr;
  float* result = nullptr;
  std::size_t begin = 0, end = 0;
  bool accumulate = false;  // of filters: the pictures follow those whose sums the result holds
};

// a: pictures, b: filters, result: answers. Parts are rows of answers, n * oh.
[[nodiscard]] std::size_t convolve_parts(const Convolution& how);
void convolve(const Convolution& how, const ConvolutionCall& call, InstructionSet set, GemmScratch& scratch,
              const ConvolveSchedule& schedule = {});

// a: answers, b: filters, result: pictures. Parts are rows of pixels, n * h.
[[nodiscard]] std::size_t convolve_input_parts(const Convolution& how);
void convolve_input(const Convolution& how, const ConvolutionCall& call, InstructionSet set,
                    GemmScratch& scratch, const ConvolveSchedule& schedule = {});

// a: pictures, b: answers, result: filters. Parts are taps with their channels, kh * kw * c.
[[nodiscard]] std::size_t convolve_filters_parts(const Convolution& how);
void convolve_filters(const Convolution& how, const ConvolutionCall& call, InstructionSet set,
                      GemmScratch& scratch, const ConvolveSchedule& schedule = {});

}  // namespace astrolabe
