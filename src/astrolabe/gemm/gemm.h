// SPDX-License-Identifier: Apache-2.0
// Matrix products in f32 by micro-kernels that were compiled ahead of time, one source file per instruction
// set.
//
//   gemm({.m = 64, .n = 64, .k = 16, .a = x, .a_row = 16, .a_column = 1, .b = w, .b_row = 64, .b_column = 1,
//         .c = z, .c_row = 64}, best_instruction_set(), scratch);
#pragma once

#include <cstddef>

#include "astrolabe/base/instruction_set.h"
#include "astrolabe/gemm/schedule.h"
#include "astrolabe/tensor/buffer.h"

namespace astrolabe {

// C = A B, or C += A B. Strides are in elements; C's columns lie one after another. No operand may overlap C.
struct Gemm {
  std::size_t m = 0, n = 0, k = 0;
  const float* a = nullptr;  // A(i, p) = a[i * a_row + p * a_column]
  std::ptrdiff_t a_row = 0, a_column = 1;
  const float* b = nullptr;  // B(p, j) = b[p * b_row + j * b_column]
  std::ptrdiff_t b_row = 0, b_column = 1;
  float* c = nullptr;  // C(i, j) = c[i * c_row + j]
  std::ptrdiff_t c_row = 0;
  bool accumulate = false;
};

// Memory for packed operands; grows to what the largest product needed. One per thread.
class GemmScratch {
 public:
  // At least `floats` floats, aligned to 64 bytes; what was in it is gone.
  [[nodiscard]] float* reserve(std::size_t floats);

 private:
  Buffer memory_;
};

// Every element of C is one chain of fused multiply-adds over p = 0, 1, ..., k - 1, starting from 0 or from C
// when it accumulates: the same bytes on every instruction set, for any schedule and any split of rows or
// columns. Without a schedule the analytic one is taken (analytic_schedule.h); what of a schedule the set
// lacks is left to the plain rules. Thread-safe as long as the scratch is not shared.
void gemm(const Gemm& product, InstructionSet set, GemmScratch& scratch, const GemmSchedule& schedule = {});

// The part of a product that thread `part` of `parts` computes: a run of rows or of columns. May be empty
// (m or n is 0).
[[nodiscard]] Gemm gemm_part(const Gemm& whole, std::size_t parts, std::size_t part,
                             Split split = Split::automatic);

}  // namespace astrolabe
