// SPDX-License-Identifier: Apache-2.0
// The schedule of a product that nobody gave one: what measured searches found for whole classes of shapes.
//
//   const GemmSchedule schedule = analytic_schedule(product, InstructionSet::avx512);
//
// Pure. On AVX-512 and, for few rows, AVX2; for every other class all choices stay `automatic`.
#pragma once

#include "astrolabe/gemm/gemm.h"

namespace astrolabe {

// A copied B costs k n floats however few rows use it: up to so many multiplications it is read in place.
inline constexpr std::size_t kDirectFloats = 256 * 1000;
inline constexpr std::size_t kDirectWork = std::size_t{1} << 25;

[[nodiscard]] GemmSchedule analytic_schedule(const Gemm& product, InstructionSet set);

}  // namespace astrolabe
